package dev.jbuild.dockerfile;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The instructions, what their arguments look like, and who reads them.
enum Keyword {
  ADD(Shape.LIST),
  ARG(Shape.PAIRS),
  CMD(Shape.COMMAND),
  COPY(Shape.LIST),
  ENTRYPOINT(Shape.COMMAND),
  ENV(Shape.PAIRS),
  EXPOSE(Shape.WORDS),
  FROM(Shape.WORDS),
  HEALTHCHECK(Shape.CHECK),
  LABEL(Shape.PAIRS),
  MAINTAINER(Shape.TEXT),
  ONBUILD(Shape.TRIGGER),
  RUN(Shape.COMMAND),
  SHELL(Shape.COMMAND),
  STOPSIGNAL(Shape.TEXT),
  USER(Shape.TEXT),
  VOLUME(Shape.LIST),
  WORKDIR(Shape.TEXT);

  /// How the text behind the flags falls into arguments.
  enum Shape {
    /// Separated by blanks.
    WORDS,
    /// Separated by blanks, or a JSON array.
    LIST,
    /// `name=value`, or one `name value`.
    PAIRS,
    /// One argument, blanks and all.
    TEXT,
    /// A text for the shell, or a JSON array.
    COMMAND,
    /// `NONE`, or `CMD` and a command.
    CHECK,
    /// Another instruction.
    TRIGGER
  }

  private static final List<String> NAMES = Arrays.stream(values()).map(Enum::name).toList();

  private final Shape shape;

  Keyword(Shape shape) {
    this.shape = shape;
  }

  Shape shape() {
    return shape;
  }

  static List<String> names() {
    return NAMES;
  }

  /// The keyword that is written so, in any case.
  static Optional<Keyword> of(String word) {
    // ASCII only: toUpperCase would make an I of a dotless i.
    boolean letters = word.chars().allMatch(c -> (c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    var upper = word.toUpperCase(Locale.ROOT);
    return letters && NAMES.contains(upper) ? Optional.of(valueOf(upper)) : Optional.empty();
  }

  Instruction parse(Arguments arguments) {
    return switch (this) {
      case ADD -> TransferParser.add(arguments);
      case ARG -> AssignmentParser.arg(arguments);
      case CMD -> CommandParser.cmd(arguments);
      case COPY -> TransferParser.copy(arguments);
      case ENTRYPOINT -> CommandParser.entrypoint(arguments);
      case ENV -> AssignmentParser.env(arguments);
      case EXPOSE -> SettingParser.expose(arguments);
      case FROM -> StageParser.from(arguments);
      case HEALTHCHECK -> HealthcheckParser.healthcheck(arguments);
      case LABEL -> AssignmentParser.label(arguments);
      case MAINTAINER -> SettingParser.maintainer(arguments);
      case ONBUILD -> OnBuildParser.onBuild(arguments);
      case RUN -> CommandParser.run(arguments);
      case SHELL -> CommandParser.shell(arguments);
      case STOPSIGNAL -> SettingParser.stopSignal(arguments);
      case USER -> SettingParser.user(arguments);
      case VOLUME -> SettingParser.volume(arguments);
      case WORKDIR -> SettingParser.workdir(arguments);
    };
  }

  /// Whether lines after these arguments may belong to here-documents of it.
  boolean mayHaveHeredocs(Arguments arguments) {
    return switch (this) {
      case RUN, COPY, ADD -> arguments.json().isEmpty();
      case ONBUILD ->
          OnBuildParser.trigger(arguments)
              .flatMap(
                  inner ->
                      of(inner.keyword().text())
                          .filter(keyword -> keyword != ONBUILD)
                          .map(keyword -> keyword.mayHaveHeredocs(inner)))
              .orElse(false);
      default -> false;
    };
  }
}
