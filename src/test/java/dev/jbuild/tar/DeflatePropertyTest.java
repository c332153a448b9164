package dev.jbuild.tar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.Campaign;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;

/// What is deflated is what zlib inflates, whatever it is.
class DeflatePropertyTest {

  private static final int DICTIONARY = 32 << 10;
  private static final int LARGEST = 512 << 10;

  private final Deflate deflate = new Deflate();

  @Test
  void zlibReadsWhatWeWrite() {
    Campaign.run("deflate", 150, this::comesBack);
  }

  private void comesBack(Random random) {
    int dictionary = random.nextInt(4) == 0 ? 0 : random.nextInt(DICTIONARY + 1);
    int length = random.nextInt(8) == 0 ? LARGEST : random.nextInt(1 + random.nextInt(LARGEST / 4));
    var input = Arrays.copyOf(pieces(random, dictionary + length), dictionary + length);
    var output = new byte[LARGEST + LARGEST / 64];
    int made = deflate.piece(input, 0, dictionary, input.length, output);
    assertTrue(made <= length + length / 100 + 100, made + " of " + length);
    var piece = Arrays.copyOfRange(input, dictionary, input.length);
    assertArrayEquals(piece, inflated(output, made, Arrays.copyOf(input, dictionary), length));
    // the same again, whatever was deflated before
    assertEquals(made, new Deflate().piece(input, 0, dictionary, input.length, output));
  }

  /// Noise, runs, few letters, numbers that grow, and what was there before, in turn.
  private static byte[] pieces(Random random, int least) {
    var out = new ByteArrayOutputStream(least);
    while (out.size() < least) {
      var piece = new byte[1 + random.nextInt(1 + random.nextInt(20_000))];
      switch (random.nextInt(5)) {
        case 0 -> random.nextBytes(piece);
        case 1 -> Arrays.fill(piece, (byte) random.nextInt());
        case 2 -> {
          int letters = 1 + random.nextInt(40);
          for (int i = 0; i < piece.length; i++) {
            piece[i] = (byte) Math.abs(random.nextGaussian() * letters);
          }
        }
        case 3 -> {
          for (int i = 0; i < piece.length; i++) {
            piece[i] = (byte) (i >> random.nextInt(3));
          }
        }
        default -> {
          var before = out.toByteArray();
          int from = before.length == 0 ? 0 : random.nextInt(before.length);
          piece = Arrays.copyOfRange(before, from, Math.min(before.length, from + piece.length));
        }
      }
      out.writeBytes(piece);
    }
    return out.toByteArray();
  }

  private static byte[] inflated(byte[] deflated, int length, byte[] dictionary, int expected) {
    var whole = Arrays.copyOf(deflated, length + 2);
    whole[length] = 3; // the end of the stream
    try (var inflater = new Inflater(true)) {
      inflater.setInput(whole);
      if (dictionary.length > 0) {
        inflater.setDictionary(dictionary);
      }
      var out = new byte[expected + 1];
      int count = 0;
      while (!inflater.finished()) {
        int some = inflater.inflate(out, count, out.length - count);
        assertTrue(some > 0 || inflater.finished(), "there is no end");
        count += some;
      }
      return Arrays.copyOf(out, count);
    } catch (DataFormatException e) {
      throw new AssertionError("zlib cannot read it", e);
    }
  }
}
