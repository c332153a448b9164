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
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZInputStream;
import org.tukaani.xz.XZOutputStream;

/// Compressions: told apart, and read with limits.
class CompressionTest {

  static final byte[] PLAIN = new TarForge().file("a", sample(150_000)).tar();

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

  /// What is long goes through the programs of these formats, if they are installed.
  @ParameterizedTest
  @EnumSource(names = {"XZ", "BZIP2"})
  void aLongStreamIsReadAndRefusedAsAShortOne(Compression kind) throws IOException {
    var plain = noise(1_500_000);
    var compressed = compressed(kind, plain);
    assertTrue(compressed.length > 1 << 20);
    assertArrayEquals(plain, expanded(compressed));

    var cut = Arrays.copyOf(compressed, compressed.length - 100);
    assertTrue(refused(cut).contains("truncated, before byte " + cut.length));
    var garbage = Arrays.copyOf(compressed, compressed.length + 40);
    Arrays.fill(garbage, compressed.length, garbage.length, (byte) 'g');
    assertTrue(refused(garbage).contains("byte"));
    var flipped = compressed.clone();
    flipped[1_200_000] ^= 1;
    assertTrue(refused(flipped).contains("damaged"));
  }

  @Test
  void whereTheProgramIsNotInstalledJavaDecompresses() throws IOException {
    var plain = noise(1_500_000);
    var compressed = new CompressedInput(bytes(compressed(Compression.XZ, plain)));
    try (var in =
        ProgramInput.open(compressed, List.of("/no/such/xz", "-dc"), xz -> new XZInputStream(xz))) {
      assertInstanceOf(XZInputStream.class, in);
      assertArrayEquals(plain, in.readAllBytes());
    }
  }

  @Test
  void aProgramThatFailsOrComplainsIsAFailure() throws IOException {
    var compressed = compressed(Compression.XZ, noise(1_500_000));
    for (var script : List.of("exit 3", "cat >&2", "cat; echo complaint >&2", "kill -9 $$")) {
      try (var in =
          ProgramInput.open(
              new CompressedInput(bytes(compressed)),
              List.of("sh", "-c", script),
              xz -> new XZInputStream(xz))) {
        assertThrows(IOException.class, in::readAllBytes, script);
      }
    }
  }

  /// A program that nobody reads from any more is ended.
  @Test
  void aLongStreamMayBeLeftInTheMiddle() throws IOException {
    var endless = new CompressedInput(new SequenceInputStream(bytes(noise(1 << 20)), new Zeros()));
    var in = ProgramInput.open(endless, List.of("cat"), xz -> new XZInputStream(xz));
    assertEquals(10, in.readNBytes(10).length);
    in.close();
    assertTrue(endless.count() < 4 << 20, "read " + endless.count());
  }

  private static final class Zeros extends InputStream {
    @Override
    public int read() {
      return 0;
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

  /// Case 25: 10 MiB that gzip made of 10 GiB of zeros do not get there.
  @Test
  void theDefaultLimitsStopTheClassicBomb() {
    var limits = TarLimits.DEFAULT;

    assertTrue(limits.freeExpansion() + limits.ratio() * (10L << 20) < 10L << 30);
    assertTrue(limits.freeExpansion() >= 2L << 30, "a real file of zeros");
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

  /// What cannot be compressed.
  private static byte[] noise(int length) {
    var noise = new byte[length];
    new Random(11).nextBytes(noise);
    return noise;
  }

  static byte[] expanded(byte[] compressed) throws IOException {
    try (var plain = Compression.decompressAny(bytes(compressed), TarLimits.DEFAULT)) {
      return plain.readAllBytes();
    }
  }

  private static String refused(byte[] compressed) {
    var failure = assertThrows(TarFormatException.class, () -> expanded(compressed));
    return String.valueOf(failure.getMessage());
  }

  static InputStream bytes(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  /// Text that shrinks, but not to nothing.
  static byte[] sample(int size) {
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
