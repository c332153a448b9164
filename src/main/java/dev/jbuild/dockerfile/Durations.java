package dev.jbuild.dockerfile;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Durations as Go writes them: numbers with units one after the other, `1h30m`, `1.5s`, `-2us`.
///
/// No `BigDecimal`: its first use computes large powers of five, for ten milliseconds.
final class Durations {

  private static final int LONGEST = 100;
  private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);
  private static final Map<String, Long> NANOSECONDS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "\u00B5s", 1_000L, // micro sign
          "\u03BCs", 1_000L, // Greek mu
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);

  private final String text;
  private int at;

  private Durations(String text) {
    this.text = text;
  }

  /// The duration, if `text` is one and its nanoseconds fit into 63 bits.
  static Optional<Duration> parse(String text) {
    return text.length() > LONGEST ? Optional.empty() : new Durations(text).parse();
  }

  private Optional<Duration> parse() {
    boolean negative = text.startsWith("-");
    at = negative || text.startsWith("+") ? 1 : 0;
    if (text.substring(at).equals("0")) {
      return Optional.of(Duration.ZERO);
    }
    var sum = BigInteger.ZERO;
    boolean any = false;
    while (at < text.length()) {
      var number = number();
      var unit = NANOSECONDS.get(unit());
      if (number.isEmpty() || unit == null) {
        return Optional.empty();
      }
      sum = sum.add(nanoseconds(number, unit));
      any = true;
    }
    if (!any || sum.compareTo(MOST) > 0) {
      return Optional.empty();
    }
    long nanos = sum.longValueExact();
    return Optional.of(Duration.ofNanos(negative ? -nanos : nanos));
  }

  /// As far as they are whole.
  private static BigInteger nanoseconds(String number, long unit) {
    int point = number.indexOf('.');
    int fraction = point < 0 ? 0 : number.length() - point - 1;
    return new BigInteger(number.replace(".", ""))
        .multiply(BigInteger.valueOf(unit))
        .divide(BigInteger.TEN.pow(fraction));
  }

  /// Digits, perhaps with a point among them; empty if there is no digit.
  private String number() {
    int from = at;
    boolean digit = false;
    boolean point = false;
    while (at < text.length() && (isDigit(text.charAt(at)) || (!point && text.charAt(at) == '.'))) {
      digit |= isDigit(text.charAt(at));
      point |= text.charAt(at) == '.';
      at++;
    }
    return digit ? text.substring(from, at) : "";
  }

  private String unit() {
    int from = at;
    while (at < text.length() && text.charAt(at) != '.' && !isDigit(text.charAt(at))) {
      at++;
    }
    return text.substring(from, at);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
