package dev.jbuild.dockerfile;

import dev.jbuild.failure.Span;
import java.util.regex.Pattern;

/// A here-document: `<<NAME` in the line, the lines after it up to `NAME`.
///
/// @param name with quotes removed
/// @param body the lines between, byte for byte with their line ends, tabs not yet stripped
/// @param expand whether a COPY or ADD body is expanded: no part of the name is quoted
/// @param chomp whether it is `<<-`: leading tabs of the body's lines are dropped when it is used
/// @param fileDescriptor the digits before `<<`, or -1
/// @param span of the word `<<NAME` in the instruction
public record Heredoc(
    String name, String body, boolean expand, boolean chomp, int fileDescriptor, Span span) {

  /// Only LF ends a line here.
  private static final Pattern LEADING_TABS = Pattern.compile("(?md)^\t+");

  /// The body as it is used: without leading tabs if it is `<<-`.
  public String content() {
    return chomp ? LEADING_TABS.matcher(body).replaceAll("") : body;
  }
}
