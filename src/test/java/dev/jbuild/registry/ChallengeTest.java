package dev.jbuild.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// WWW-Authenticate headers as registries send them (reliability case 53).
class ChallengeTest {

  private static List<Challenge> parse(String... headers) {
    return Challenge.parse(List.of(headers));
  }

  @Test
  void quotedValuesMayHoldCommasAndEscapes() {
    assertEquals(
        List.of(
            new Challenge(
                "bearer",
                Map.of("realm", "https://a/t?x=1,2", "service", "s\"q", "scope", "a:b:pull,push"))),
        parse("Bearer realm=\"https://a/t?x=1,2\", service=\"s\\\"q\" ,scope=\"a:b:pull,push\""));
  }

  @Test
  void severalChallengesMayStandInOneHeaderOrInMany() {
    var basic = new Challenge("basic", Map.of("realm", "x y"));
    var bearer = new Challenge("bearer", Map.of("realm", "https://a"));
    assertEquals(List.of(basic, bearer), parse("Basic realm=\"x y\", Bearer realm=\"https://a\""));
    assertEquals(List.of(bearer, basic), parse("Bearer realm=https://a", "basic Realm=\"x y\""));
  }

  @Test
  void whatIsMalformedIsNoReasonToFail() {
    assertEquals(List.of(new Challenge("bearer", Map.of())), parse("bearer"));
    assertEquals(List.of(), parse("", ", ,", "\"", "x".repeat(17 << 10)));
    assertEquals(
        List.of(new Challenge("bearer", Map.of("realm", "open"))), parse("Bearer realm=\"open"));
    assertEquals(
        List.of(new Challenge("bearer", Map.of("realm", "first"))),
        parse("Bearer realm=first, realm=second"));
  }
}
