package dev.jbuild.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {

  private static final String HEX = "0123456789abcdef".repeat(4);

  private static String with(String text) {
    return text.replace("DIGEST", "sha256:" + HEX).replace("HEX", HEX);
  }

  @ParameterizedTest
  @CsvSource({
    "app, docker.io/library/app:latest, app:latest",
    "app:1, docker.io/library/app:1, app:1",
    "docker.io/app, docker.io/library/app:latest, app:latest",
    "index.docker.io/library/app:1, docker.io/library/app:1, app:1",
    "docker.io/me/app, docker.io/me/app:latest, me/app:latest",
    "me/app, docker.io/me/app:latest, me/app:latest",
    "a/b/c:x, docker.io/a/b/c:x, a/b/c:x",
    "library/a/b, docker.io/library/a/b:latest, library/a/b:latest",
    "localhost/app, localhost/app:latest, localhost/app:latest",
    "localhost:5000, docker.io/library/localhost:5000, localhost:5000",
    "localhost:5000/app, localhost:5000/app:latest, localhost:5000/app:latest",
    "docker.io/localhost/app, docker.io/localhost/app:latest, docker.io/localhost/app:latest",
    "ghcr.io/me/app:v1.2, ghcr.io/me/app:v1.2, ghcr.io/me/app:v1.2",
    "Registry/app, Registry/app:latest, Registry/app:latest",
    "[::1]:5000/app, [::1]:5000/app:latest, [::1]:5000/app:latest",
    "a__b/c--d.e_f, docker.io/a__b/c--d.e_f:latest, a__b/c--d.e_f:latest",
    "app:_A.b-C, docker.io/library/app:_A.b-C, app:_A.b-C",
    "app@DIGEST, docker.io/library/app@DIGEST, app@DIGEST",
    "app:1@DIGEST, docker.io/library/app:1@DIGEST, app:1@DIGEST",
    "h:1/a:2@DIGEST, h:1/a:2@DIGEST, h:1/a:2@DIGEST",
    "me/HEX, docker.io/me/HEX:latest, me/HEX:latest",
    "library/HEX, docker.io/library/HEX:latest, docker.io/library/HEX:latest",
  })
  void isBroughtIntoNormalFormAndShownShort(String text, String full, String familiar) {
    var reference = Reference.parse(with(text));

    assertEquals(with(full), reference.full());
    assertEquals(with(familiar), reference.familiar());
    assertEquals(reference, Reference.parse(reference.full()));
    assertEquals(reference, Reference.parse(reference.familiar()));
  }

  @Test
  void hasParts() {
    var reference = Reference.parse(with("localhost:5000/me/app:1@DIGEST"));

    assertEquals("localhost:5000", reference.domain());
    assertEquals("me/app", reference.path());
    assertEquals("1", reference.tag().orElseThrow());
    assertEquals(HEX, reference.digest().orElseThrow().hex());
    assertEquals("localhost:5000/me/app", reference.repositoryName());
    assertEquals("app", Reference.parse("app:1").repositoryName());
    assertEquals("app:2", Reference.parse("app:1").withTag("2").familiar());
    assertEquals(
        with("app:1@DIGEST"), Reference.parse("app:1").withDigest(new Digest(HEX)).familiar());
    assertTrue(Reference.parse(with("app@DIGEST")).tag().isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|the image name is empty",
        "App|must be lower case: app",
        "ghcr.io/Me/app|must be lower case: me/app",
        "HEX|an image ID",
        "HEX:1|an image ID",
        "https://ghcr.io/app|scheme",
        "docker://app|scheme",
        "app:|\"\" is not a tag",
        "app:.1|\".1\" is not a tag",
        "app:a b|is not a tag",
        "app@|unsupported digest",
        "app@md5:00|unsupported digest",
        "app@sha256:../../x|not a sha256 digest",
        "/app|a component is empty",
        "a//b|a component is empty",
        "a/|a component is empty",
        "app/../b|\"..\" is not made of",
        "-app|\"-app\" is not made of",
        "app-|\"app-\" is not made of",
        "a___b|\"a___b\" is not made of",
        "a..b|\"a..b\" is not made of",
        "é|\"é\" is not made of",
        "bad_host.io/app|\"bad_host.io\" is not a host",
        "-h.io/app|\"-h.io\" is not a host",
        "h.io:999999/app|\"h.io:999999\" is not a host",
        ".../app|is not a host",
      })
  void isRefusedWithASentence(String text, String complaint) {
    var message =
        assertThrows(IllegalArgumentException.class, () -> Reference.parse(with(text)))
            .getMessage();

    assertTrue(String.valueOf(message).contains(complaint), message);
    assertEquals(message, Reference.problem(with(text)).orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\u001b[2J", "a\nb", "a\u0000", "a\u202eb:1"})
  void isNeverRepeatedRaw(String text) {
    var message = Reference.problem(text).orElseThrow();

    assertTrue(message.chars().allMatch(c -> c >= 0x20 && c < 0x7f), message);
  }

  @Test
  void hasLimits() {
    assertTrue(Reference.problem("a".repeat(237)).isEmpty());
    assertTrue(Reference.problem("a".repeat(238)).orElseThrow().contains("longer than 255"));
    assertTrue(Reference.problem("a:" + "t".repeat(128)).isEmpty());
    assertTrue(Reference.problem("a:" + "t".repeat(129)).orElseThrow().contains("longer than 128"));
    assertTrue(Reference.problem("a/".repeat(500_000)).orElseThrow().contains("too long"));
  }

  @Test
  void hasNoProblemWhenItIsOne() {
    assertTrue(Reference.problem("ghcr.io/me/app:1").isEmpty());
  }
}
