package dev.jbuild.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/// One thing that `jbuild doctor` looked at.
///
/// @param name of what was looked at, a word or two
/// @param text what was found, printable: for a failure what was tried, and which call said no
/// @param advice what a person can do about it, one thing each; the narrowest first
record Check(String name, State state, String text, List<String> advice) {

  enum State {
    GOOD,
    /// Nothing to mend; worth knowing.
    NOTE,
    /// Something that will be missed.
    WARNING,
    /// Steps cannot run because of it, or not in this sandbox.
    FAILED
  }

  Check {
    advice = List.copyOf(advice);
  }

  static Check good(String name, String text) {
    return new Check(name, State.GOOD, text, List.of());
  }

  static Check note(String name, String text) {
    return new Check(name, State.NOTE, text, List.of());
  }

  static Check warning(String name, String text, String... advice) {
    return new Check(name, State.WARNING, text, List.of(advice));
  }

  static Check failed(String name, String text, String... advice) {
    return new Check(name, State.FAILED, text, List.of(advice));
  }

  /// As a person reads it: a line, and below it the advice.
  String lines() {
    var mark =
        switch (state) {
          case GOOD -> "ok   ";
          case NOTE -> "     ";
          case WARNING -> "warn ";
          case FAILED -> "fail ";
        };
    var lines = new StringBuilder(mark).append(String.format(Locale.ROOT, "%-12s", name));
    lines.append(' ').append(text);
    for (var each : advice) {
      each.lines().forEach(line -> lines.append("\n                  ").append(line));
    }
    return lines.toString();
  }

  Fields json() {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("Name", name);
    fields.put("State", state.name().toLowerCase(Locale.ROOT));
    fields.put("Text", text);
    fields.put("Advice", advice);
    return new Fields(fields);
  }
}
