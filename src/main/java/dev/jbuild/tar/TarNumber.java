package dev.jbuild.tar;

/// The numbers of tar headers: octal, base-256 and the decimals of PAX records.
///
/// No `BigDecimal`, no regular expression: the time is linear in few bytes, whatever they are
/// (CVE-2023-42503). All methods throw [NumberFormatException] with the problem in words.
final class TarNumber {

  private static final int LONGEST_DECIMAL = 64;

  private TarNumber() {}

  /// A field of a header: octal between blanks or NULs, or base-256 if its first bit is set. Blank
  /// is zero, as in archives of V7. Negative only in base-256 (GNU tar's way for old times).
  static long ofField(byte[] block, int start, int length) {
    int first = block[start] & 0xFF;
    if (first >= 0x80) {
      return base256(block, start, length, first);
    }
    int at = start;
    int end = start + length;
    while (at < end && (block[at] == ' ' || block[at] == 0)) {
      at++;
    }
    long value = 0;
    while (at < end && block[at] >= '0' && block[at] <= '7') {
      value = (value << 3) | (block[at] - '0');
      at++;
    }
    while (at < end && block[at] == ' ') {
      at++;
    }
    if (at < end && block[at] != 0) {
      throw new NumberFormatException("is not an octal number");
    }
    return value;
  }

  /// Two's complement in all bits but the first, which marks it.
  private static long base256(byte[] block, int start, int length, int first) {
    if (first != 0xFF && (first & 0x40) != 0) {
      throw new NumberFormatException("is out of range");
    }
    boolean negative = first == 0xFF;
    long value = negative ? -1 : first & 0x3F;
    for (int i = start + 1; i < start + length; i++) {
      if (value > Long.MAX_VALUE >> 8 || value < Long.MIN_VALUE >> 8) {
        throw new NumberFormatException("is out of range");
      }
      value = (value << 8) | (block[i] & 0xFF);
    }
    return value;
  }

  /// Decimal digits and nothing else.
  static long ofDecimal(byte[] text, int start, int end) {
    if (start >= end) {
      throw new NumberFormatException("is not a decimal number");
    }
    long value = 0;
    for (int i = start; i < end; i++) {
      if (text[i] < '0' || text[i] > '9') {
        throw new NumberFormatException("is not a decimal number");
      }
      int digit = text[i] - '0';
      if (value > (Long.MAX_VALUE - digit) / 10) {
        throw new NumberFormatException("is out of range");
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /// Seconds with an optional sign and fraction; the fraction is dropped towards the past.
  static long ofTime(byte[] text, int start, int end) {
    if (end - start > LONGEST_DECIMAL) {
      throw new NumberFormatException("is longer than any time");
    }
    boolean negative = start < end && text[start] == '-';
    int from = negative ? start + 1 : start;
    int point = from;
    while (point < end && text[point] != '.') {
      point++;
    }
    long seconds = ofDecimal(text, from, point);
    if (!negative) {
      hasFraction(text, point + 1, end);
      return seconds;
    }
    return hasFraction(text, point + 1, end) ? -seconds - 1 : -seconds;
  }

  /// Whether any digit of the fraction counts.
  private static boolean hasFraction(byte[] text, int start, int end) {
    boolean any = false;
    for (int i = start; i < end; i++) {
      if (text[i] < '0' || text[i] > '9') {
        throw new NumberFormatException("is not a time");
      }
      any |= text[i] != '0';
    }
    return any;
  }
}
