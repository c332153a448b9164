package dev.jbuild.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.failure.BuildFailure;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Addresses as text.
class WebAddressTest {

  @ParameterizedTest(name = "{0} is called {1}")
  @CsvSource({
    "http://h/a/b.tar.gz, b.tar.gz",
    "http://h/a/b?file=c, b",
    "http://h/a/b/, b",
    "http://h/a%20b, 'a b'",
    "http://h/caf%C3%A9, café",
    "http://h/..%2f..%2fetc%2fcron, cron",
    "http://h/a%2f, a",
    "http://h/%2e%2e, __unnamed__",
    "http://h/.., __unnamed__",
    "http://h/a%00b, __unnamed__",
    "http://h/, __unnamed__",
    "http://h, __unnamed__",
    "http://h/%252f, %2f",
  })
  void fileIsNamedAfterTheLastPartOfThePath(String text, String name) { // case 82
    assertEquals(name, WebAddress.fileName(URI.create(text)));
  }

  @Test
  void addressIsShownWithoutSecrets() { // case 81
    assertEquals(
        "https://h:8/p?…",
        WebAddress.redacted(URI.create("https://u:secret@h:8/p?token=secret#secret")));
    assertFalse(
        FetchRequest.of(URI.create("http://u:secret@h/?secret"), 1).toString().contains("secret"));
  }

  @Test
  void charactersThatPeopleWriteAreEscaped() {
    assertEquals("http://h/a%20b%c3%a9%7c", WebAddress.parse("http://h/a b\u00e9|").toString());
    assertEquals("http://h/%20?a=%20", WebAddress.parse("http://h/%20?a=%20").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://h/x", "file:///etc/passwd", "http:///x", "x", "", "http://[x"})
  void otherAddressesAreRefused(String text) {
    var failure = assertThrows(BuildFailure.class, () -> WebAddress.parse(text));
    assertEquals(BuildFailure.Kind.CONTEXT, failure.kind());
  }

  @Test
  void malformedAddressIsNotShown() {
    var failure =
        assertThrows(BuildFailure.class, () -> WebAddress.parse("http://u:secret@h:port%/x"));
    assertFalse(failure.message().contains("secret"));
  }
}
