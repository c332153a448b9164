package dev.jbuild.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {

  @ParameterizedTest
  @CsvSource({
    "0, 0, 1970-01-01T00:00:00Z",
    "1, 500000000, 1970-01-01T00:00:01.5Z",
    "1772366400, 1, 2026-03-01T12:00:00.000000001Z",
    "1772366400, 120300000, 2026-03-01T12:00:00.1203Z",
    "-1, 999999999, 1969-12-31T23:59:59.999999999Z",
    "-62135596801, 0, 0000-12-31T23:59:59Z",
    "-62167219201, 0, -0001-12-31T23:59:59Z",
    "253402300800, 0, +10000-01-01T00:00:00Z",
    "31556889832780799, 999999999, +999999999-12-31T23:59:59.999999999Z",
    "-31557014135596800, 0, -999999999-01-01T00:00:00Z"
  })
  void timesAreWrittenWithTheDigitsTheyNeed(long seconds, int nanos, String text) {
    var time = Instant.ofEpochSecond(seconds, nanos);

    assertEquals(text, Rfc3339.format(time));
    assertEquals(time, Rfc3339.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-03-01T12:00:00.123456789Z",
        "2026-03-01T12:00:00.120Z",
        "2024-02-29T23:59:59Z",
        "2026-03-01T12:00Z",
        "2026-03-01T12:00:00+01:30",
        "2026-03-01T12:00:00.5-08:00",
        "2026-03-01t12:00:00z"
      })
  void whatJavaReadsMeansTheSame(String text) {
    assertEquals(OffsetDateTime.parse(text).toInstant(), Rfc3339.parse(text));
  }

  @Test
  void daysAreThoseOfJava() {
    var last = LocalDate.of(9999, 12, 31);
    for (var day = LocalDate.of(0, 1, 1); !day.isAfter(last); day = day.plusDays(13)) {
      var time = day.atTime(23, 5, 7).toInstant(ZoneOffset.UTC);
      var text = day + "T23:05:07Z";
      assertEquals(time, Rfc3339.parse(text));
      assertEquals(text, Rfc3339.format(time));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Z",
        "2026-03-01",
        "2026-03-01T12:00:00",
        "2026-02-29T12:00:00Z",
        "2100-02-29T12:00:00Z",
        "2026-04-31T12:00:00Z",
        "9999-12-32T12:00:00Z",
        "2026-03-00T12:00:00Z",
        "2026-00-10T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T12:60:00Z",
        "2026-03-01T12:00:60Z",
        "2026-03-01T12:00:00,5Z",
        "2026-03-01T12:00:00.1234567890Z",
        "2026-03-01T12:00:00.-5Z",
        "+999999999-12-31T23:59:59-18:00",
        "-999999999-01-01T00:00:00+00:01",
        "٢٠٢٦-03-01T12:00:00Z"
      })
  void whatMeansNoTimeGivesNone(String text) {
    assertNull(Rfc3339.parse(text));
  }
}
