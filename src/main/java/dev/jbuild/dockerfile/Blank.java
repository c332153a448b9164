package dev.jbuild.dockerfile;

/// White space as the language means it; `Character.isWhitespace` differs in U+0085, U+00A0 and the
/// ASCII separators.
final class Blank {

  private Blank() {}

  /// Any white space of Unicode, line ends included.
  static boolean is(int point) {
    return switch (point) {
      case '\t',
          '\n',
          0x0B,
          '\f',
          '\r',
          ' ',
          0x85,
          0xA0,
          0x1680,
          0x2028,
          0x2029,
          0x202F,
          0x205F,
          0x3000 ->
          true;
      default -> point >= 0x2000 && point <= 0x200A;
    };
  }

  /// What stands between an instruction's keyword and its arguments, and between plain arguments.
  static boolean separates(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == 0x0B || c == '\f';
  }
}
