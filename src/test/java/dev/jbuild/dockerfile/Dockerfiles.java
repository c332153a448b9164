package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;

/// What tests of this package do again and again.
final class Dockerfiles {

  private Dockerfiles() {}

  static Dockerfile parse(String text) {
    return Dockerfile.parse(new Source("Dockerfile", text));
  }

  /// The only instruction behind `FROM x`.
  static Instruction instruction(String text) {
    var instructions = parse("FROM x\n" + text).instructions();
    if (instructions.size() != 2) {
      throw new AssertionError("not one instruction: " + instructions);
    }
    return instructions.getLast();
  }

  /// The only instruction behind `FROM x`, as [Summary] shows it.
  static String summary(String text) {
    return Summary.of(instruction(text));
  }

  /// The failure of a whole file as a person sees it: place, sentence, line, carets, hint.
  static String failure(String text) {
    var failure = assertThrows(BuildFailure.class, () -> parse(text));
    return shown(failure);
  }

  static String shown(BuildFailure failure) {
    var where = failure.where().orElseThrow();
    var line = where.source().line(where.line());
    int end = where.endLine() == where.line() ? where.endColumn() : line.length() + 1;
    return where
        + ": "
        + failure.message()
        + "\n"
        + line
        + "\n"
        + " ".repeat(where.column() - 1)
        + "^".repeat(end - where.column())
        + "\n"
        + failure.hint().orElse("no hint");
  }
}
