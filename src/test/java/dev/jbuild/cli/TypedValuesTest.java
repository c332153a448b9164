package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.failure.BuildFailure;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// [ByteSize] and [PointInTime].
class TypedValuesTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "512, 512",
    "10GB, 10000000000",
    "10g, 10000000000",
    "1.5 MB, 1500000",
    "2KiB, 2048",
    "1MiB, 1048576",
    "7b, 7"
  })
  void amountsOfBytesAreUnderstood(String text, long bytes) {
    assertEquals(bytes, ByteSize.parse("--x", text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GB", "-1", "1XB", "1ib", "1e3", "999999999999999PB", "1 0"})
  void otherAmountsAreNot(String text) {
    var failure = assertThrows(BuildFailure.class, () -> ByteSize.parse("--x", text));
    assertEquals(BuildFailure.Kind.USAGE, failure.kind());
  }

  @ParameterizedTest
  @CsvSource({
    "24h, 2026-02-28T12:00:00Z",
    "1h30m, 2026-03-01T10:30:00Z",
    "7d, 2026-02-22T12:00:00Z",
    "500ms, 2026-03-01T11:59:59.500Z",
    "1767225600, 2026-01-01T00:00:00Z",
    "2026-01-31, 2026-01-31T00:00:00Z",
    "2026-01-31T10:00:00, 2026-01-31T10:00:00Z",
    "2026-01-31T10:00:00+02:00, 2026-01-31T08:00:00Z"
  })
  void timesAreUnderstood(String text, Instant time) {
    assertEquals(time, PointInTime.parse("--x", text, NOW));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yesterday", "24", "24y", "2026-02-30", "h", "-1h"})
  void otherTimesAreNot(String text) {
    assertThrows(BuildFailure.class, () -> PointInTime.parse("--x", text, NOW));
  }

  @Test
  void aMistakeIsToldWithItsOption() {
    var failure = assertThrows(BuildFailure.class, () -> ByteSize.parse("--keep-storage", "lots"));
    assertEquals("--keep-storage takes an amount of bytes, not lots", failure.message());
  }
}
