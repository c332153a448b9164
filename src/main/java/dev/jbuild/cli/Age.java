package dev.jbuild.cli;

import dev.jbuild.image.Rfc3339;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Times as lists of images show them: how long ago, in the words of docker's lists.
final class Age {

  /// Before it nobody made images: such a time stands for none, as SOURCE_DATE_EPOCH=0 leaves it.
  private static final Instant OLDEST = Instant.ofEpochSecond(946_684_800); // the year 2000

  private static final String UNKNOWN = "N/A";
  private static final int DAYS_A_WEEK = 7;
  private static final int DAYS_A_MONTH = 30;
  private static final int DAYS_A_YEAR = 365;

  private final Instant now;

  /// @param clock asked once, so that a list has one now
  Age(Clock clock) {
    this.now = clock.instant();
  }

  /// `3 days ago`; `N/A` if it is not known or not after the year 1999.
  String since(Optional<Instant> time) {
    return known(time).map(then -> words(Duration.between(then, now)) + " ago").orElse(UNKNOWN);
  }

  /// `2026-03-01 12:00:00 +0000 UTC`, or `N/A`.
  static String full(Optional<Instant> time) {
    return known(time)
        .map(then -> seconds(then).replace('T', ' ').replace("Z", " +0000 UTC"))
        .orElse(UNKNOWN);
  }

  /// As RFC 3339 in whole seconds, or `N/A`.
  static String rfc3339(Optional<Instant> time) {
    return known(time).map(Age::seconds).orElse(UNKNOWN);
  }

  private static String seconds(Instant time) {
    return Rfc3339.format(Instant.ofEpochSecond(time.getEpochSecond()));
  }

  private static Optional<Instant> known(Optional<Instant> time) {
    return time.filter(then -> then.isAfter(OLDEST));
  }

  /// The one unit that says it best, never more exact than two digits or so.
  private static String words(Duration took) {
    long seconds = took.toSeconds();
    long hours = Math.round(took.toMinutes() / 60.0);
    long days = took.toHours() / 24;
    if (seconds < 1) {
      return "Less than a second";
    }
    if (seconds < 60) {
      return count(seconds, "second");
    }
    if (took.toMinutes() < 60) {
      return took.toMinutes() == 1 ? "About a minute" : count(took.toMinutes(), "minute");
    }
    if (hours < 48) {
      return hours == 1 ? "About an hour" : count(hours, "hour");
    }
    if (days < 2 * DAYS_A_WEEK) {
      return count(days, "day");
    }
    if (days < 2 * DAYS_A_MONTH) {
      return count(days / DAYS_A_WEEK, "week");
    }
    return days < 2 * DAYS_A_YEAR
        ? count(days / DAYS_A_MONTH, "month")
        : count(days / DAYS_A_YEAR, "year");
  }

  private static String count(long number, String unit) {
    return number + " " + unit + (number == 1 ? "" : "s");
  }
}
