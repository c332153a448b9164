package dev.jbuild.dockerfile;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The instructions, and who reads their arguments.
enum Keyword {
  ADD,
  ARG,
  CMD,
  COPY,
  ENTRYPOINT,
  ENV,
  EXPOSE,
  FROM,
  HEALTHCHECK,
  LABEL,
  MAINTAINER,
  ONBUILD,
  RUN,
  SHELL,
  STOPSIGNAL,
  USER,
  VOLUME,
  WORKDIR;

  private static final List<String> NAMES = Arrays.stream(values()).map(Enum::name).toList();

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
