package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Go's formats, as its documentation of strconv.Quote and time.Duration.String has them.
class GoTextTest {

  @Test
  void stringsAreQuotedAsGoQuotesThem() {
    assertEquals("\"a\\\"\\\\\\n\\t\\x1b\\a\\v\"", GoText.quote("a\"\\\n\t\u001b\u0007\u000b"));
    assertEquals("\"é\\u200b\\u00a0\\xff😀\"", GoText.quote("é\u200b\u00a0\udcff😀"));
  }

  @ParameterizedTest(name = "9 a duration of {0} ns")
  @CsvSource({
    "0, 0s",
    "1, 1ns",
    "1500, 1.5µs",
    "1000000, 1ms",
    "1500000000, 1.5s",
    "60000000000, 1m0s",
    "90000000000, 1m30s",
    "3600000000000, 1h0m0s",
    "90061001000000, 25h1m1.001s",
  })
  void durationsAreWrittenAsGoWritesThem(long nanos, String expected) {
    assertEquals(expected, GoText.duration(Duration.ofNanos(nanos)));
  }
}
