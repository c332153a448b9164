package dev.jbuild.dockerfile;

/// Where the parts of an expanded word go.
sealed interface Buffer permits TextBuffer, WordBuffer {

  /// One character (code point) that was neither quoted nor escaped.
  void plain(int point);

  /// Text that was quoted or escaped.
  void quoted(CharSequence text);

  /// What a variable stood for, outside quotes.
  void value(CharSequence text);
}
