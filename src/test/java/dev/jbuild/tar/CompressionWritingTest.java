package dev.jbuild.tar;

import static dev.jbuild.tar.CompressionTest.PLAIN;
import static dev.jbuild.tar.CompressionTest.bytes;
import static dev.jbuild.tar.CompressionTest.expanded;
import static dev.jbuild.tar.CompressionTest.sample;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Compressions as they are written: the same bytes by any number of threads, which others read.
class CompressionWritingTest {

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

  @Test
  void bytesThatDoNotShrinkGrowLittle() throws IOException {
    var noise = new byte[5 << 20];
    new Random(3).nextBytes(noise);

    var compressed = compressed(Compression.GZIP, noise, 2, Integer.MAX_VALUE);

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
    assertTrue(
        compressed(Compression.GZIP, again.toByteArray(), 2, Integer.MAX_VALUE).length < 200_000);
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
  @CsvSource({"GZIP, fb2eaab", "ZSTD, 5008d5e5"})
  void whatIsCompressedStaysTheSameUntilHowSaysSo(Compression kind, String crc) throws IOException {
    var text = new StringBuilder();
    var random = new Random(7);
    while (text.length() < 300_000) {
      text.append("line ").append(random.nextInt(5000)).append(" of usr/lib/x86_64\n");
    }
    var sum = new CRC32();
    sum.update(compressed(kind, text.toString().getBytes(UTF_8), 2, Integer.MAX_VALUE));
    assertTrue(kind.how(OptionalInt.empty()).contains(" jbuild-4 "), "the number");
    assertEquals(crc, Long.toHexString(sum.getValue()));
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
}
