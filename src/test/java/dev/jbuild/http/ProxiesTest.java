package dev.jbuild.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which proxy an address goes through.
class ProxiesTest {

  private static Optional<URI> proxy(Map<String, String> environment, String uri) {
    return new Proxies(environment).proxy(URI.create(uri));
  }

  @Test
  void schemesHaveTheirOwnProxies() {
    var environment =
        Map.of("HTTP_PROXY", "http://p:1", "https_proxy", "q:2", "HTTPS_PROXY", "never:3");
    assertEquals(Optional.of(URI.create("http://p:1")), proxy(environment, "http://a/"));
    assertEquals(Optional.of(URI.create("http://q:2")), proxy(environment, "https://a/"));
    assertEquals(
        Optional.of(URI.create("http://r:4")), proxy(Map.of("all_proxy", "r:4"), "https://a/"));
    assertEquals(Optional.empty(), proxy(Map.of("http_proxy", ""), "http://a/"));
  }

  /// A proxy that nothing needs stops nothing.
  @Test
  void proxyThatCannotBeUsedIsNamedByItsVariableWithoutItsPassword() {
    for (var value :
        List.of(
            "socks5://u:pw@p:1",
            "https://u:pw@p:1",
            "http://u:pw@",
            "u:pw@ x y",
            "u:pw://x@p:1",
            "u:://pw@p:1",
            "pw/://x@p:1")) {
      for (var name : List.of("HTTPS_PROXY", "ALL_PROXY")) {
        var environment = Map.of("HTTP_PROXY", "p:1", name, value);
        assertEquals(Optional.empty(), proxy(environment, "https://localhost/"));
        assertTrue(proxy(environment, "http://a/").isPresent());
        assertFalse(new Proxies(environment).needPassword());
        var failure = assertThrows(BuildFailure.class, () -> proxy(environment, "https://a/"));
        assertTrue(failure.message().startsWith(name), failure::message);
        assertFalse(failure.message().contains("pw"), failure::message);
      }
    }
  }

  @ParameterizedTest(name = "NO_PROXY={0}, {1}: direct {2}")
  @CsvSource({
    "'', http://a.example/, false",
    "'', http://localhost/, true",
    "'', http://127.0.0.9:80/, true",
    "'', 'http://[::1]/', true",
    "*, http://a.example/, true",
    "example.com, http://example.com/, true",
    "example.com, http://A.EXAMPLE.com/, true",
    "example.com, http://badexample.com/, false",
    ".example.com, http://example.com/, false",
    ".example.com, http://a.example.com/, true",
    "*.example.com, http://a.example.com/, true",
    "'x, example.com:8080', http://example.com:8080/, true",
    "example.com:8080, http://example.com/, false",
    "10.0.0.0/8, http://10.9.8.7/, true",
    "10.0.0.0/8, http://11.0.0.1/, false",
    "10.1.2.3, http://10.1.2.3/, true",
    "10.0.0.0/x, http://10.0.0.0/, false",
  })
  void someHostsAreReachedDirectly(String list, String uri, boolean direct) {
    var environment = Map.of("http_proxy", "p:1", "NO_PROXY", list);
    assertEquals(direct, proxy(environment, uri).isEmpty());
  }
}
