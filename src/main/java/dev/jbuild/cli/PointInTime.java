package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Pattern;

/// A time as `until=` takes it: how long ago (`24h`, `1h30m`, `7d`), a date or time in UTC or with
/// an offset (RFC 3339), or seconds since the epoch.
final class PointInTime {

  private static final Pattern AGO = Pattern.compile("(?:[0-9]{1,9}(?:ms|[wdhms]))+");
  private static final Pattern PIECE = Pattern.compile("([0-9]+)(ms|[wdhms])");
  private static final Pattern SECONDS = Pattern.compile("[0-9]{5,11}");

  private PointInTime() {}

  /// @param option whose value it is
  /// @throws dev.jbuild.failure.BuildFailure of kind USAGE for any other text
  static Instant parse(String option, String text, Instant now) {
    if (AGO.matcher(text).matches()) {
      return now.minus(duration(text));
    }
    if (SECONDS.matcher(text).matches()) {
      return Instant.ofEpochSecond(Long.parseLong(text));
    }
    return calendar(text)
        .orElseThrow(
            () ->
                Options.usage(option + " takes a time, not " + Printable.of(text))
                    .hint("write it as 24h, 7d or 2026-01-31T12:00:00Z"));
  }

  private static Duration duration(String text) {
    var sum = Duration.ZERO;
    var pieces = PIECE.matcher(text);
    while (pieces.find()) {
      long number = Long.parseLong(pieces.group(1));
      sum =
          sum.plus(
              switch (pieces.group(2)) {
                case "w" -> Duration.ofDays(7 * number);
                case "d" -> Duration.ofDays(number);
                case "h" -> Duration.ofHours(number);
                case "m" -> Duration.ofMinutes(number);
                case "s" -> Duration.ofSeconds(number);
                default -> Duration.ofMillis(number);
              });
    }
    return sum;
  }

  private static Optional<Instant> calendar(String text) {
    try {
      if (text.indexOf('T') < 0) {
        return Optional.of(LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC));
      }
      boolean offset = text.matches(".*(?:Z|[+-][0-9]{2}:[0-9]{2})");
      return Optional.of(
          offset
              ? OffsetDateTime.parse(text).toInstant()
              : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
