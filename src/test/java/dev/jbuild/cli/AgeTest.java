package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgeTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final Age age = new Age(Clock.fixed(NOW, ZoneOffset.UTC));

  @ParameterizedTest
  @CsvSource({
    "PT0S, Less than a second ago",
    "PT1S, 1 second ago",
    "PT59S, 59 seconds ago",
    "PT60S, About a minute ago",
    "PT2M, 2 minutes ago",
    "PT59M59S, 59 minutes ago",
    "PT1H, About an hour ago",
    "PT100M, 2 hours ago",
    "PT47H, 47 hours ago",
    "PT48H, 2 days ago",
    "P13D, 13 days ago",
    "P14D, 2 weeks ago",
    "P59D, 8 weeks ago",
    "P60D, 2 months ago",
    "P729D, 24 months ago",
    "P730D, 2 years ago"
  })
  void theWordsAreThoseOfDockersLists(Duration took, String words) {
    assertEquals(words, age.since(Optional.of(NOW.minus(took))));
  }

  @Test
  void aTimeThatIsNoneIsNotShown() {
    assertEquals("N/A", age.since(Optional.empty()));
    assertEquals("N/A", age.since(Optional.of(Instant.EPOCH)));
    assertEquals("N/A", Age.full(Optional.of(Instant.EPOCH)));
    assertEquals("N/A", Age.rfc3339(Optional.empty()));
  }

  @Test
  void aTimeInTheFutureIsNow() {
    assertEquals("Less than a second ago", age.since(Optional.of(NOW.plusSeconds(60))));
  }

  @Test
  void aWholeTimeIsInUtc() {
    var time = Optional.of(NOW.plusMillis(5));

    assertEquals("2026-03-01 12:00:00 +0000 UTC", Age.full(time));
    assertEquals("2026-03-01T12:00:00Z", Age.rfc3339(time));
  }
}
