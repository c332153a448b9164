package dev.jbuild.image;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
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
  private static final int MARCH_OF_YEAR_0 = 719_468;

  /// In days.
  private static final int FOUR_CENTURIES = 146_097;

  private static final long YEAR_0 = days(0, 1, 1);
  private static final long YEAR_10_000 = days(10_000, 1, 1);

  private Rfc3339() {}

  /// The time that `text` means; null if it means none, or one that [#format] cannot write.
  static @Nullable Instant parse(String text) {
    try {
      return isUsual(text) ? usual(text) : unusual(text);
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

  private static @Nullable Instant usual(String text) {
    int nanos = 0;
    for (int i = 0; i < NANO_DIGITS; i++) {
      int at = FORM.length() + 1 + i;
      nanos = nanos * 10 + (at < text.length() - 1 ? text.charAt(at) - '0' : 0);
    }
    int year = number(text, 0, 4);
    int month = number(text, 5, 7);
    int day = number(text, 8, 10);
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) {
      return null;
    }
    long days = days(year, month, day);
    return date(days) == (year * 100 + month) * 100 + day
        ? Instant.ofEpochSecond(days * DAY + (hour * 60L + minute) * 60 + second, nanos)
        : null;
  }

  private static Instant unusual(String text) {
    var time = OffsetDateTime.parse(text).toInstant();
    return LocalDateTime.ofInstant(time, ZoneOffset.UTC).toInstant(ZoneOffset.UTC);
  }

  /// Days since 1970. To ask Java whether a year is a leap year makes formatters ready.
  private static long days(int year, int month, int day) {
    int fromMarch = (month + 9) % 12; // months; a leap day is the last of such a year
    int years = month > 2 ? year : year - 1;
    int leapDays = Math.floorDiv(years, 4) - Math.floorDiv(years, 100) + Math.floorDiv(years, 400);
    return years * 365L + leapDays + (fromMarch * 153 + 2) / 5 + day - 1 - MARCH_OF_YEAR_0;
  }

  /// The date of a day since 1970 in the years 0 to 9999, as the number of its eight digits.
  private static int date(long days) {
    int fromMarch = (int) days + MARCH_OF_YEAR_0; // of the year 0
    int centuries = Math.floorDiv(fromMarch, FOUR_CENTURIES); // by fours
    int day = Math.floorMod(fromMarch, FOUR_CENTURIES);
    // Days without the leap days before them, of which each ends four years, and the last all.
    int year = (day - day / 1_460 + day / 36_524 - day / (FOUR_CENTURIES - 1)) / 365;
    int ofYear = day - (year * 365 + year / 4 - year / 100);
    int month = (ofYear * 5 + 2) / 153; // from March
    int ofMonth = ofYear - (month * 153 + 2) / 5 + 1;
    int fullYear = centuries * 400 + year + (month < 10 ? 0 : 1);
    return (fullYear * 100 + (month + 2) % 12 + 1) * 100 + ofMonth;
  }

  private static int number(String text, int from, int to) {
    return Integer.parseInt(text, from, to, 10);
  }

  /// `time` in UTC: `2026-03-01T12:00:00.5Z`.
  ///
  /// @throws DateTimeException if its year has more than nine digits
  public static String format(Instant time) {
    long days = Math.floorDiv(time.getEpochSecond(), DAY);
    int second = Math.floorMod(time.getEpochSecond(), (int) DAY);
    int nanos = time.getNano();
    var text = new StringBuilder();
    if (days >= YEAR_0 && days < YEAR_10_000) {
      int date = date(days);
      appendDigits(text, date / 10_000, 4).append('-');
      appendDigits(text, date / 100 % 100, 2).append('-');
      appendDigits(text, date % 100, 2);
    } else {
      text.append(LocalDate.ofEpochDay(days));
    }
    appendDigits(text.append('T'), second / 3_600, 2).append(':');
    appendDigits(text, second / 60 % 60, 2).append(':');
    appendDigits(text, second % 60, 2);
    if (nanos > 0) {
      appendDigits(text.append('.'), nanos, NANO_DIGITS);
      while (text.charAt(text.length() - 1) == '0') {
        text.setLength(text.length() - 1);
      }
    }
    return text.append('Z').toString();
  }

  private static StringBuilder appendDigits(StringBuilder text, int number, int digits) {
    var written = Integer.toString(number);
    return text.repeat('0', digits - written.length()).append(written);
  }
}
