package dev.jbuild.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Output without the secrets that the step was given (case 79).
class SecretMaskTest {

  private static String masked(List<String> secrets, String text, int piece) throws IOException {
    var out = new ByteArrayOutputStream();
    var mask =
        SecretMask.of(
            secrets.stream().map(each -> each.getBytes(UTF_8)).toList(),
            (bytes, length) -> out.write(bytes, 0, length));
    var bytes = text.getBytes(UTF_8);
    for (int at = 0; at < bytes.length; at += piece) {
      var part = java.util.Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece));
      mask.write(part, part.length);
    }
    mask.finish();
    return out.toString(UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "hunter22, a hunter22 b, a *** b",
    "hunter22, hunter2hunter22, hunter2***",
    "hunter22, hunter2, hunter2",
    "aab1, aaab1aab, a***aab",
    "abc, abc is too short, abc is too short",
    "ümläut, xümläutx, x***x",
  })
  void whatIsPrintedOfASecretIsHiddenHoweverItComesInPieces(
      String secret, String text, String expected) throws IOException {
    for (int piece = 1; piece <= 30; piece++) {
      assertEquals(expected, masked(List.of(secret), text, piece), "pieces of " + piece);
    }
  }

  @Test
  void eachLongLineOfASecretIsOneAndTheLongestWins() throws IOException {
    var key = "-----BEGIN-----\nc2VjcmV0c2VjcmV0\n=\n";
    assertEquals(
        "***\n*** = ok", masked(List.of(key, "c2Vj"), "-----BEGIN-----\nc2VjcmV0c2VjcmV0 = ok", 7));
    assertEquals("***.", masked(List.of(key), key.strip() + ".", 4));
  }

  @Test
  void case79TheFirstLineOfASecretIsHiddenAtTheEndToo() throws IOException {
    var key = "-----BEGIN-----\nc2VjcmV0c2VjcmV0\n";
    for (int piece = 1; piece <= 30; piece++) {
      assertEquals("is ***", masked(List.of(key), "is -----BEGIN-----", piece));
      assertEquals("***\n***", masked(List.of(key), "-----BEGIN-----\n-----BEGIN-----", piece));
      assertEquals("***\nc2", masked(List.of(key), "-----BEGIN-----\nc2", piece));
    }
  }

  @Test
  void nothingIsHeldBackThatIsNoBeginningOfASecret() throws IOException {
    var out = new ByteArrayOutputStream();
    var mask =
        SecretMask.of(
            List.of("hunter22".getBytes(UTF_8)), (bytes, length) -> out.write(bytes, 0, length));
    mask.write("Password: ".getBytes(UTF_8), 10);
    assertEquals("Password: ", out.toString(UTF_8));
  }
}
