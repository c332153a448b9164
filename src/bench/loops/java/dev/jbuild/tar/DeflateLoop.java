package dev.jbuild.tar;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jbuild.loops.Loop;
import java.util.Random;
import java.util.zip.Deflater;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/// [Deflate] of 16 MiB of text, block by block as [ParallelGzip] does it, on one thread. Beside it
/// is no floor but the zlib of the JDK at level 6, which gzip and docker use.
public class DeflateLoop extends Loop {

  private static final int SIZE = 16 << 20;
  private static final int BLOCK = 512 << 10;
  private static final int DICTIONARY = 32 << 10;
  private static final int WORDS = 4000;

  private final Deflate deflate = new Deflate();
  private final byte[] text = new byte[SIZE];
  private final byte[] output = new byte[SIZE + SIZE / 64];

  /// Makes lines of words, of which some are frequent and most are rare.
  @Setup
  public void prepare() {
    var random = new Random(1);
    var words = new byte[WORDS][];
    for (int i = 0; i < WORDS; i++) {
      words[i] = (Long.toString(random.nextLong(1L << 40), 36) + " ").getBytes(US_ASCII);
    }
    int at = 0;
    while (at < SIZE) {
      double place = random.nextDouble();
      var word = words[(int) (WORDS * place * place * place)];
      int length = Math.min(word.length, SIZE - at);
      System.arraycopy(word, 0, text, at, length);
      at += length;
      if (at < SIZE && random.nextInt(10) == 0) {
        text[at++] = '\n';
      }
    }
  }

  /// All blocks.
  @Benchmark
  public int deflate() {
    int made = 0;
    for (int at = 0; at < SIZE; at += BLOCK) {
      made += deflate.piece(text, Math.max(0, at - DICTIONARY), at, at + BLOCK, output);
    }
    return made;
  }

  /// The whole in one stream.
  @Benchmark
  public int deflateFloor() {
    try (var zlib = new Deflater(6, true)) {
      zlib.setInput(text);
      zlib.finish();
      return zlib.deflate(output);
    }
  }
}
