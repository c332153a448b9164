package dev.jbuild.console;

import java.time.Duration;

/// What happens in a build, as data; renderers decide what a person sees of it.
public sealed interface BuildEvent {

  /// A step as a person knows it.
  ///
  /// @param id `build 2`: the stage and the number of the step in it
  /// @param text the instruction on one line, printable
  record Step(String id, String text) {}

  /// A step begins to work; a step that is cached never does.
  record Started(Step step) implements BuildEvent {}

  /// Bytes that a step's process printed, standard output and error as they came.
  record Output(Step step, byte[] bytes) implements BuildEvent {}

  /// Of the bytes that a step transfers so many have moved.
  ///
  /// @param total how many there are; -1 if that is not known yet
  record Moved(Step step, long bytes, long total) implements BuildEvent {}

  /// Of what a step copies so much was looked at: it has not begun to work, and may be cached.
  ///
  /// @param listed how many files and directories are known
  /// @param read how many of the files were read
  record Looked(Step step, long listed, long read) implements BuildEvent {

    /// What a person sees of it.
    String text() {
      return read == 0
          ? grouped(listed) + " files found"
          : grouped(read) + " of " + grouped(listed) + " files read";
    }

    /// `20,000`, without a Formatter, as in [Console#time].
    private static String grouped(long number) {
      var text = new StringBuilder(Long.toString(number));
      for (int i = text.length() - 3; i > 0; i -= 3) {
        text.insert(i, ',');
      }
      return text.toString();
    }
  }

  /// A step, which need not have begun to work, waits for somebody.
  ///
  /// @param reason whom for, `for the cache "go", which another build uses`; printable
  record Waiting(Step step, String reason) implements BuildEvent {}

  /// A step is done with.
  ///
  /// @param note what is worth saying beside the outcome, `3 of 214 files changed`; may be empty
  record Finished(Step step, Outcome outcome, Duration took, String note) implements BuildEvent {}

  /// Something that a person should know and that stops nothing.
  record Warning(String message) implements BuildEvent {}

  /// How a step ended.
  enum Outcome {
    DONE("done"),
    CACHED("cached"),
    /// It is a base that is there already.
    IN_STORE("in store"),
    /// What it would transfer is at its place already.
    THERE("is there"),
    /// A registry took it from another of its repositories.
    MOUNTED("mounted"),
    FAILED("failed"),
    /// Another step failed first.
    CANCELLED("cancelled");

    private final String text;

    Outcome(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }
}
