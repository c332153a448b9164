package dev.jbuild.tar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/// Compressions: told apart, read with limits, written the same by any number of threads.
class CompressionTest {

  private static final byte[] PLAIN = new TarForge().file("a", sample(150_000)).tar();

  /// Case 26: the first bytes decide, not what anyone says that it is.
  @ParameterizedTest
  @EnumSource
  void whatItIsIsToldByTheFirstBytes(Compression kind) throws IOException {
    var compressed = compressed(kind, PLAIN);

    assertEquals(kind, Compression.detect(compressed));
    assertArrayEquals(PLAIN, expanded(compressed));
  }

  @Test
  void nothingIsPlainAndSoIsWhatIsShorterThanAnyMark() throws IOException {
    assertEquals(Compression.NONE, Compression.detect(new byte[0]));
    assertEquals(Compression.NONE, Compression.detect(new byte[] {0x1F}));
    assertEquals(Compression.NONE, Compression.detect(new byte[] {'B', 'Z'}));
    assertArrayEquals(new byte[0], expanded(new byte[0]));
    assertArrayEquals(new byte[] {'B'}, expanded(new byte[] {'B'}));
  }

  /// Case 26: what `zcat` and its like do.
  @ParameterizedTest
  @EnumSource(names = {"GZIP", "ZSTD", "XZ", "BZIP2"})
  void severalStreamsOneAfterTheOtherAreOne(Compression kind) throws IOException {
    var twice = new ByteArrayOutputStream();
    twice.writeBytes(compressed(kind, "first ".getBytes(UTF_8)));
    twice.writeBytes(compressed(kind, new byte[0]));
    twice.writeBytes(compressed(kind, "second".getBytes(UTF_8)));

    assertEquals("first second", new String(expanded(twice.toByteArray()), UTF_8));
  }

  @Test
  void whatIsReadAheadIsTheSameToItsEnd() throws IOException {
    var plain = sample(9_000_000);
    try (var in =
        Compression.decompressAhead(
            new ByteArrayInputStream(compressed(Compression.GZIP, plain)), TarLimits.DEFAULT)) {
      assertArrayEquals(plain, in.readAllBytes());
      assertEquals(-1, in.read());
      assertEquals(-1, in.read());
    }
  }

  /// What was there before the damage is read all the same, and the failure is the one that is met.
  @Test
  void damageIsToldBehindWhatStandsBeforeIt() throws IOException {
    var plain = sample(9_000_000);
    var damaged = new TarFormatException("damaged");
    var source =
        new FilterInputStream(new ByteArrayInputStream(plain)) {
          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            int n = in.read(into, offset, length);
            if (n < 0) {
              throw damaged;
            }
            return n;
          }
        };
    try (var in = new AheadInput(source)) {
      assertArrayEquals(plain, in.readNBytes(plain.length));
      assertSame(damaged, assertThrows(TarFormatException.class, in::read));
      assertSame(damaged, assertThrows(TarFormatException.class, in::read));
    }
  }

  @Test
  void nothingIsReadAheadAnyMoreOnceItIsClosed() throws IOException {
    var read = new AtomicLong();
    boolean[] closed = {false};
    var endless =
        new InputStream() {
          @Override
          public int read() {
            return read(new byte[1], 0, 1);
          }

          @Override
          public int read(byte[] into, int offset, int length) {
            assertFalse(closed[0]);
            read.addAndGet(length);
            return length;
          }

          @Override
          public void close() {
            closed[0] = true;
          }
        };
    try (var in = new AheadInput(endless)) {
      assertEquals(3_000_000, in.readNBytes(3_000_000).length);
    }
    assertTrue(closed[0]);
    assertTrue(read.get() < 3_000_000 + (3 << 20), "read " + read.get());
  }

  /// Case 26.
  @ParameterizedTest
  @EnumSource(names = {"GZIP", "ZSTD", "XZ", "BZIP2"})
  void aStreamThatIsCutOffAnywhereIsRefused(Compression kind) throws IOException {
    var compressed = compressed(kind, sample(400));
    for (int length = 6; length < compressed.length; length++) {
      var cut = Arrays.copyOf(compressed, length);
      var message = refused(cut);
      assertTrue(message.contains("byte"), message);
    }
  }

  /// Case 26.
  @ParameterizedTest
  @EnumSource(names = {"GZIP", "ZSTD", "XZ", "BZIP2"})
  void garbageBehindTheStreamIsRefused(Compression kind) throws IOException {
    var compressed = compressed(kind, sample(3000));
    var more = Arrays.copyOf(compressed, compressed.length + 40);
    Arrays.fill(more, compressed.length, more.length, (byte) 'g');

    assertTrue(refused(more).contains("byte"));
  }

  @ParameterizedTest
  @EnumSource(names = {"GZIP", "ZSTD", "XZ", "BZIP2"})
  void aFlippedByteNeverGivesOtherBytes(Compression kind) throws IOException {
    var plain = sample(400);
    var compressed = compressed(kind, plain);
    var random = new Random(9);
    for (int at = 6; at < compressed.length; at++) {
      var flipped = compressed.clone();
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      try {
        assertArrayEquals(plain, expanded(flipped), "byte " + at);
      } catch (IOException expected) {
        assertInstanceOf(TarFormatException.class, expected);
      }
    }
  }

  @Test
  void gzipMayBePaddedWithZeros() throws IOException {
    var compressed = compressed(Compression.GZIP, PLAIN);

    assertArrayEquals(PLAIN, expanded(Arrays.copyOf(compressed, compressed.length + 70_000)));
    var hidden = Arrays.copyOf(compressed, compressed.length + 70_000);
    hidden[hidden.length - 1] = 1;
    assertTrue(refused(hidden).contains("garbage"));
  }

  @Test
  void everyPartOfAGzipHeaderIsReadAndChecked() throws IOException {
    assertEquals("text", new String(expanded(gzipWithEverything(0)), UTF_8));
    assertTrue(refused(gzipWithEverything(1)).contains("header checksum"));
    var reserved = compressed(Compression.GZIP, PLAIN);
    reserved[3] = 0x20;
    assertTrue(refused(reserved).contains("reserved"));
    var method = compressed(Compression.GZIP, PLAIN);
    method[2] = 9;
    assertTrue(refused(method).contains("not deflated"));
  }

  @Test
  void aWrongChecksumOrLengthIsNamedWithItsOffset() throws IOException {
    var compressed = compressed(Compression.GZIP, PLAIN);
    var sum = compressed.clone();
    sum[sum.length - 8] ^= 1;
    var length = compressed.clone();
    length[length.length - 1] ^= 1;

    assertTrue(refused(sum).contains("wrong checksum (at its byte " + (sum.length - 4) + ")"));
    assertTrue(refused(length).contains("wrong length (at its byte " + length.length + ")"));
  }

  /// Case 25; with the limits scaled down.
  @ParameterizedTest
  @EnumSource(names = {"GZIP", "ZSTD", "XZ", "BZIP2"})
  void aBombStopsEarly(Compression kind) throws IOException {
    var bomb = compressed(kind, new byte[16 << 20]);
    var limits = TarLimits.DEFAULT.withExpansion(1L << 40, 1 << 20, 200);
    long most = (1 << 20) + 200L * bomb.length;

    long got = 0;
    try (var plain = Compression.decompressAny(new ByteArrayInputStream(bomb), limits)) {
      var buffer = new byte[1 << 16];
      while (true) {
        int n = plain.read(buffer);
        got += n;
        assertTrue(n > 0 && got <= most + buffer.length, "went on after " + got);
      }
    } catch (TarFormatException expected) {
      assertTrue(String.valueOf(expected.getMessage()).contains("expands beyond"));
    }
  }

  /// Case 25: a real layer may hold a gigabyte of zeros.
  @Test
  void aFileOfZerosIsNoBomb() throws IOException {
    var zeros = new ByteArrayOutputStream();
    try (var zip = Compression.ZSTD.compress(zeros, 1)) {
      var chunk = new byte[1 << 20];
      for (int i = 0; i < 1024; i++) {
        zip.write(chunk);
      }
    }

    var in = Compression.decompressAny(bytes(zeros.toByteArray()), TarLimits.DEFAULT);
    assertEquals(1L << 30, in.transferTo(OutputStream.nullOutputStream()));
  }

  @Test
  void theAbsoluteLimitHoldsWhateverTheRatio() {
    var limits = TarLimits.DEFAULT.withExpansion(1000, 1 << 20, 200);

    for (var kind : new Compression[] {Compression.NONE, Compression.GZIP}) {
      assertThrows(
          TarFormatException.class,
          () -> kind.decompress(bytes(compressed(kind, sample(2000))), limits).readAllBytes());
    }
  }

  /// Case 25.
  @Test
  void aZstdWindowBeyond128MiBIsRefused() throws IOException {
    assertTrue(refused(zstdWithWindow(28)).contains("zstd"));
    assertEquals(300, expanded(zstdWithWindow(27)).length);
  }

  /// Case 25.
  @Test
  void anXzDictionaryBeyondTheMemoryIsRefused() throws IOException {
    var out = new ByteArrayOutputStream();
    var options = new LZMA2Options(0);
    options.setDictSize(256 << 20);
    try (var xz = new XZOutputStream(out, options)) {
      xz.write(1);
    }

    assertTrue(refused(out.toByteArray()).contains("memory"));
  }

  /// Case 25: one level and no more.
  @Test
  void gzipInGzipIsUnpackedOnce() throws IOException {
    var inner = compressed(Compression.GZIP, PLAIN);

    assertArrayEquals(inner, expanded(compressed(Compression.GZIP, inner)));
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "GZIP", "ZSTD", "XZ", "BZIP2"})
  void aFailureOfTheStreamBelowComesOutAsItIs(Compression kind) throws IOException {
    var failure = new IOException("the disk is gone");
    var compressed = compressed(kind, sample(200_000));
    var failing =
        new FilterInputStream(bytes(compressed)) {
          private int left = compressed.length / 2;

          @Override
          public int read() throws IOException {
            throw failure;
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0) {
              throw failure;
            }
            int n = super.read(into, offset, Math.min(left, length));
            left -= n;
            return n;
          }
        };

    assertSame(
        failure,
        assertThrows(
            IOException.class,
            () -> Compression.decompressAny(failing, TarLimits.DEFAULT).readAllBytes()));
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "GZIP", "ZSTD"})
  void theBytesAreTheSameWithAnyNumberOfThreadsAndPieces(Compression kind) throws IOException {
    for (int size : new int[] {0, 1, 511 << 10, 512 << 10, (512 << 10) + 1, 9 << 20}) {
      var plain = sample(size);
      var one = compressed(kind, plain, 1, Integer.MAX_VALUE);
      assertArrayEquals(one, compressed(kind, plain, 8, 10_007), kind + " of " + size);
      assertArrayEquals(one, compressed(kind, plain, 2, 1 << 20), kind + " of " + size);
      assertArrayEquals(plain, expanded(one));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100, 524_288, 3_000_000})
  void othersReadOurGzip(int size) throws IOException {
    var plain = sample(size);
    var compressed = compressed(Compression.GZIP, plain, 4, 99_999);

    assertArrayEquals(plain, new GZIPInputStream(bytes(compressed)).readAllBytes());
    assertArrayEquals(
        new byte[] {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, (byte) 0xFF},
        Arrays.copyOf(compressed, 10));
  }

  @ParameterizedTest
  @CsvSource({"GZIP, gzip, gzip", "ZSTD, zstd, Zstandard"})
  void theProgramsOfTheFormatsReadWhatWeWrite(
      Compression kind, String program, String says, @TempDir Path temp) throws IOException {
    GnuTar.need(program, "--version", says);
    var file = temp.resolve("compressed");
    Files.write(file, compressed(kind, sample(3_000_000), 4, 99_999));
    Files.write(temp.resolve("plain"), sample(3_000_000));
    var command = List.of("sh", "-c", program + " -dc < compressed | cmp - plain");

    var outcome = GnuTar.run(temp, command);

    assertEquals("", new String(outcome.output(), UTF_8));
    assertEquals(0, outcome.status());
  }

  /// Case 25: 10 MiB that gzip made of 10 GiB of zeros do not get there.
  @Test
  void theDefaultLimitsStopTheClassicBomb() {
    var limits = TarLimits.DEFAULT;

    assertTrue(limits.freeExpansion() + limits.ratio() * (10L << 20) < 10L << 30);
    assertTrue(limits.freeExpansion() >= 2L << 30, "a real file of zeros");
  }

  @Test
  void bytesThatDoNotShrinkGrowLittle() throws IOException {
    var noise = new byte[5 << 20];
    new Random(3).nextBytes(noise);

    var compressed = compressed(Compression.GZIP, noise);

    assertTrue(compressed.length < noise.length + noise.length / 1000);
    assertArrayEquals(noise, expanded(compressed));
  }

  @Test
  void whatShrinksAndWhatDoesNotMayFollowEachOther() throws IOException {
    var noise = new byte[700_000];
    new Random(4).nextBytes(noise);
    var mixed = new ByteArrayOutputStream();
    for (int i = 0; i < 3; i++) {
      mixed.writeBytes(noise);
      mixed.writeBytes("nothing new, ".repeat(60_000).getBytes(UTF_8));
    }
    var plain = mixed.toByteArray();

    var compressed = compressed(Compression.GZIP, plain, 3, 99_999);

    assertArrayEquals(plain, new GZIPInputStream(bytes(compressed)).readAllBytes());
    assertTrue(compressed.length < 3 * 750_000, "the text has nearly gone: " + compressed.length);
    // noise that was there a moment ago is no noise
    var again = new ByteArrayOutputStream();
    for (int i = 0; i < 100; i++) {
      again.write(noise, 0, 20_000);
    }
    assertTrue(compressed(Compression.GZIP, again.toByteArray()).length < 200_000);
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "GZIP", "ZSTD"})
  void closingLeavesTheStreamsBelowOpen(Compression kind) throws IOException {
    var closed = new boolean[2];
    var sink = new ByteArrayOutputStream();
    var out =
        new FilterOutputStream(sink) {
          @Override
          public void close() {
            closed[0] = true;
          }
        };
    try (var compressing = kind.compress(out, 2)) {
      compressing.write(PLAIN);
    }
    var in =
        new FilterInputStream(bytes(sink.toByteArray())) {
          @Override
          public void close() {
            closed[1] = true;
          }
        };
    try (InputStream plain = kind.decompress(in, TarLimits.DEFAULT)) {
      assertArrayEquals(PLAIN, plain.readAllBytes());
    }

    assertFalse(closed[0] || closed[1]);
  }

  @Test
  void aFailureOfTheSinkComesOut() throws IOException {
    var full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("no space left");
          }
        };
    var gzip = Compression.GZIP.compress(full, 2);

    var failure =
        assertThrows(
            IOException.class,
            () -> {
              for (int i = 0; i < 100; i++) {
                gzip.write(sample(512 << 10));
              }
            });
    assertEquals("no space left", failure.getMessage());
    assertThrows(IOException.class, gzip::close);
  }

  @Test
  void xzAndBzip2AreReadOnly() {
    for (var kind : new Compression[] {Compression.XZ, Compression.BZIP2}) {
      assertThrows(
          UnsupportedOperationException.class,
          () -> kind.compress(OutputStream.nullOutputStream(), 1));
    }
  }

  /// A store remembers what a layer was compressed to. Other bytes than here are fine, but then the
  /// number in [Compression#how] has to change with them.
  @ParameterizedTest
  @CsvSource({"GZIP, b1ed7b4d", "ZSTD, 71853d42"})
  void whatIsCompressedStaysTheSameUntilHowSaysSo(Compression kind, String crc) throws IOException {
    var text = new StringBuilder();
    var random = new Random(7);
    while (text.length() < 300_000) {
      text.append("line ").append(random.nextInt(5000)).append(" of usr/lib/x86_64\n");
    }
    var sum = new CRC32();
    sum.update(compressed(kind, text.toString().getBytes(UTF_8)));
    assertTrue(kind.how(OptionalInt.empty()).contains(" jbuild-4 "), "the number");
    assertEquals(crc, Long.toHexString(sum.getValue()));
  }

  private static byte[] compressed(Compression kind, byte[] plain) throws IOException {
    var out = new ByteArrayOutputStream();
    try (OutputStream compressing =
        switch (kind) {
          case NONE -> new FilterOutputStream(out);
          case GZIP -> new GZIPOutputStream(out);
          case ZSTD -> checked(new ZstdOutputStreamNoFinalizer(out));
          case XZ -> new XZOutputStream(out, new LZMA2Options());
          case BZIP2 -> new BZip2CompressorOutputStream(out);
        }) {
      compressing.write(plain);
    }
    return out.toByteArray();
  }

  private static OutputStream checked(ZstdOutputStreamNoFinalizer zstd) throws IOException {
    return zstd.setChecksum(true);
  }

  private static byte[] compressed(Compression kind, byte[] plain, int threads, int piece)
      throws IOException {
    var out = new ByteArrayOutputStream();
    try (var compressing = kind.compress(out, threads)) {
      for (int done = 0; done < plain.length; ) {
        int n = Math.min(piece, plain.length - done);
        compressing.write(plain, done, n);
        done += n;
      }
    }
    return out.toByteArray();
  }

  private static byte[] expanded(byte[] compressed) throws IOException {
    try (var plain = Compression.decompressAny(bytes(compressed), TarLimits.DEFAULT)) {
      return plain.readAllBytes();
    }
  }

  private static String refused(byte[] compressed) {
    var failure = assertThrows(TarFormatException.class, () -> expanded(compressed));
    return String.valueOf(failure.getMessage());
  }

  private static InputStream bytes(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  /// Text that shrinks, but not to nothing.
  private static byte[] sample(int size) {
    var random = new Random(size);
    var bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) ('a' + Math.abs(random.nextInt(64) - 32) / 2);
    }
    return bytes;
  }

  private static byte[] gzipWithEverything(int error) {
    var header = new ByteArrayOutputStream();
    header.writeBytes(new byte[] {0x1F, (byte) 0x8B, 8, 0x1F, 1, 2, 3, 4, 2, 3});
    header.writeBytes(new byte[] {5, 0, 'e', 'x', 't', 'r', 'a'});
    header.writeBytes("name\0comment\0".getBytes(UTF_8));
    var crc = new CRC32();
    crc.update(header.toByteArray());
    little(header, crc.getValue() + error, 2);
    var text = "text".getBytes(UTF_8);
    var deflater = new Deflater(1, true);
    deflater.setInput(text);
    deflater.finish();
    var deflated = new byte[100];
    header.write(deflated, 0, deflater.deflate(deflated));
    deflater.end();
    crc.reset();
    crc.update(text);
    little(header, crc.getValue(), 4);
    little(header, text.length, 4);
    return header.toByteArray();
  }

  private static void little(ByteArrayOutputStream out, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >> (8 * i)));
    }
  }

  /// A frame that wants a window of 2^log bytes: a header by hand and one raw block (RFC 8878).
  private static byte[] zstdWithWindow(int log) {
    var out = new ByteArrayOutputStream();
    little(out, 0xFD2FB528L, 4);
    out.write(0); // no content size, no checksum, a window descriptor follows
    out.write((log - 10) << 3);
    little(out, 1 | (300 << 3), 3); // last block, raw, 300 bytes
    out.writeBytes(new byte[300]);
    return out.toByteArray();
  }
}
