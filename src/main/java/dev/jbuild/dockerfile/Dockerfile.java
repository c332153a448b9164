package dev.jbuild.dockerfile;

import dev.jbuild.failure.Source;
import java.util.List;

/// A Dockerfile as it was written.
///
/// @param escape the character that continues lines and escapes others: a backslash or, by
///     directive, a backtick
/// @param parts all lines in order
public record Dockerfile(Source source, char escape, List<Directive> directives, List<Part> parts) {

  public Dockerfile {
    directives = List.copyOf(directives);
    parts = List.copyOf(parts);
  }

  /// Parses a whole Dockerfile.
  ///
  /// @throws dev.jbuild.failure.BuildFailure if it is none; nothing else is thrown, whatever the
  ///     text is
  public static Dockerfile parse(Source source) {
    return read(source).whole();
  }

  /// Parses as much as can be parsed: a mistake is part of the answer.
  public static Reading read(Source source) {
    return Parser.parse(source);
  }

  /// Parses one trigger of a base image's config (`ONBUILD`).
  ///
  /// @throws dev.jbuild.failure.BuildFailure if it is not exactly one instruction, or one that
  ///     cannot be a trigger
  public static Instruction parseTrigger(Source source) {
    return Parser.parseTrigger(source);
  }

  /// The instructions in order.
  public List<Instruction> instructions() {
    return parts.stream()
        .filter(Part.Statement.class::isInstance)
        .map(part -> ((Part.Statement) part).instruction())
        .toList();
  }

  /// The words of an instruction of this file, each with its place.
  public Wording wording(Part.Statement statement) {
    return WordingReader.read(source, statement.firstLine(), escape);
  }

  /// The text that was parsed, character by character, put together from the parts.
  public String print() {
    var text = new StringBuilder(source.text().length());
    for (var part : parts) {
      text.append(source.lines(part.firstLine(), part.lastLine()));
    }
    return text.toString();
  }
}
