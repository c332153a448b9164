package dev.jbuild.dockerfile;

import dev.jbuild.failure.Span;
import java.util.List;
import java.util.Optional;

/// The words of one instruction as they stand in the file, each with its place: what a tool needs
/// that colours, checks or rewrites Dockerfiles. What they mean is said by [Instruction].
///
/// @param keyword as written, in any case
/// @param subcommand the `CMD` or `NONE` of HEALTHCHECK
/// @param form how the arguments are written
/// @param arguments in order; of ONBUILD none
/// @param heredocs in order; those of a trigger are in `trigger`
/// @param trigger the instruction behind ONBUILD
public record Wording(
    Word keyword,
    List<Flag> flags,
    Optional<Word> subcommand,
    Form form,
    List<Argument> arguments,
    List<Document> heredocs,
    Optional<Wording> trigger) {

  public Wording {
    flags = List.copyOf(flags);
    arguments = List.copyOf(arguments);
    heredocs = List.copyOf(heredocs);
  }

  /// How arguments are written.
  public enum Form {
    /// A text for the shell: one argument, or none.
    SHELL,
    /// A command as a JSON array.
    EXEC,
    /// Words between blanks.
    WORDS,
    /// Words as a JSON array.
    JSON,
    /// `name=value`; of ARG also `name`.
    PAIRS,
    /// One `name value`.
    LEGACY,
    /// The rest of the line, blanks and all: one argument.
    TEXT,
    /// Another instruction.
    TRIGGER
  }

  /// `--name` or `--name=value`.
  ///
  /// @param value without the quotes and escapes that the flag was read with
  public record Flag(String name, Optional<Word> value, Span span) {}

  /// An argument.
  ///
  /// @param word as written, after continuations were joined; of a JSON array the string's value
  /// @param name in the forms PAIRS and LEGACY, what stands before the `=` or the blank
  /// @param value in these forms, what stands behind it
  public record Argument(Word word, Optional<Word> name, Optional<Word> value) {
    static Argument of(Word word) {
      return new Argument(word, Optional.empty(), Optional.empty());
    }
  }

  /// A here-document.
  ///
  /// @param content where its lines stand: from the start of the first to the start of the
  ///     terminator's
  /// @param terminator where the line that ends it stands
  public record Document(Heredoc heredoc, Span content, Span terminator) {}
}
