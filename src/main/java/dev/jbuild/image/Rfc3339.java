package dev.jbuild.image;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/// Times as image configs write them: RFC 3339 in UTC, as many digits of a second as needed.
///
/// Read and written by hand: the formatters of Java take milliseconds to load, and each build and
/// each list of images has a time.
public final class Rfc3339 {

  /// How nearly all times begin; a fraction and `Z` follow.
  private static final String FORM = "0000-00-00T00:00:00";

  private static final int NANO_DIGITS = 9;

  /// In seconds.
  private static final long DAY = 86_400;

  /// How many days before 1970 it began.
  private static final long MARCH_OF_YEAR_0 = 719_468;

  private Rfc3339() {}

  /// The time that `text` means; null if it means none, or one that [#format] cannot write.
  static @Nullable Instant parse(String text) {
    try {
      return isUsual(text)
          ? usual(text)
          : utc(OffsetDateTime.parse(text).toInstant()).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException _) {
      return null;
    }
  }

  /// Whether `text` is of [#FORM], with a fraction or without, and in UTC.
  private static boolean isUsual(String text) {
    int end = text.length() - 1;
    if (end < FORM.length() || text.charAt(end) != 'Z') {
      return false;
    }
    for (int i = 0; i < FORM.length(); i++) {
      char form = FORM.charAt(i);
      if (form == '0' ? !isDigit(text.charAt(i)) : text.charAt(i) != form) {
        return false;
      }
    }
    int digits = end - FORM.length() - 1;
    if (digits < 0) {
      return true;
    }
    for (int i = end - digits; i < end; i++) {
      if (!isDigit(text.charAt(i))) {
        return false;
      }
    }
    return text.charAt(FORM.length()) == '.' && digits > 0 && digits <= NANO_DIGITS;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static Instant usual(String text) {
    int nanos = 0;
    for (int i = 0; i < NANO_DIGITS; i++) {
      int at = FORM.length() + 1 + i;
      nanos = nanos * 10 + (at < text.length() - 1 ? text.charAt(at) - '0' : 0);
    }
    var time =
        LocalDateTime.of(
            number(text, 0, 4),
            number(text, 5, 7),
            number(text, 8, 10),
            number(text, 11, 13),
            number(text, 14, 16),
            number(text, 17, 19));
    long days = days(time.getYear(), time.getMonthValue(), time.getDayOfMonth());
    return Instant.ofEpochSecond(days * DAY + time.toLocalTime().toSecondOfDay(), nanos);
  }

  /// Days since 1970. To ask Java whether a year is a leap year makes formatters ready.
  private static long days(int year, int month, int day) {
    int fromMarch = (month + 9) % 12; // months; a leap day is the last of such a year
    int years = month > 2 ? year : year - 1;
    int leapDays = Math.floorDiv(years, 4) - Math.floorDiv(years, 100) + Math.floorDiv(years, 400);
    return years * 365L + leapDays + (fromMarch * 153 + 2) / 5 + day - 1 - MARCH_OF_YEAR_0;
  }

  private static int number(String text, int from, int to) {
    return Integer.parseInt(text, from, to, 10);
  }

  /// `time` in UTC: `2026-03-01T12:00:00.5Z`.
  public static String format(Instant time) {
    var utc = utc(time);
    int nanos = utc.getNano();
    var text = new StringBuilder().append(utc.toLocalDate()).append('T');
    appendDigits(text, utc.getHour(), 2).append(':');
    appendDigits(text, utc.getMinute(), 2).append(':');
    appendDigits(text, utc.getSecond(), 2);
    if (nanos > 0) {
      appendDigits(text.append('.'), nanos, NANO_DIGITS);
      while (text.charAt(text.length() - 1) == '0') {
        text.setLength(text.length() - 1);
      }
    }
    return text.append('Z').toString();
  }

  /// @throws DateTimeException if its year has more than nine digits
  private static LocalDateTime utc(Instant time) {
    return LocalDateTime.ofEpochSecond(time.getEpochSecond(), time.getNano(), ZoneOffset.UTC);
  }

  private static StringBuilder appendDigits(StringBuilder text, int number, int digits) {
    var written = Integer.toString(number);
    return text.repeat('0', digits - written.length()).append(written);
  }
}
