package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Instruction.Healthcheck;
import dev.jbuild.dockerfile.Instruction.Healthcheck.Check;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// HEALTHCHECK.
final class HealthcheckParser {

  private static final Duration LEAST = Duration.ofMillis(1);

  private HealthcheckParser() {}

  static Instruction healthcheck(Arguments arguments) {
    if (arguments.isEmpty()) {
      throw arguments
          .failure("needs CMD and a command, or NONE")
          .hint("write HEALTHCHECK --interval=30s CMD command");
    }
    var type = type(arguments);
    int command = commandFrom(arguments);
    return switch (type.text().toUpperCase(Locale.ROOT)) {
      case "NONE" -> none(arguments, arguments.rest(command).text().isEmpty());
      case "CMD" -> new Healthcheck(arguments.span(), Optional.of(check(arguments, command)));
      default ->
          throw arguments
              .failure(
                  "has " + Excerpt.of(type.text()) + " where CMD or NONE is expected", type.span())
              .hint("write HEALTHCHECK CMD command");
    };
  }

  /// The word that says what follows, `CMD` or `NONE`.
  static Word type(Arguments arguments) {
    return arguments.line().word(arguments.from(), typeEnd(arguments));
  }

  /// Index of what stands behind that word.
  static int commandFrom(Arguments arguments) {
    return arguments.line().skipBlanks(typeEnd(arguments), arguments.to());
  }

  private static int typeEnd(Arguments arguments) {
    var text = arguments.line().text();
    int end = arguments.from();
    while (end < arguments.to() && !Blank.is(text.charAt(end))) {
      end++;
    }
    return end;
  }

  /// Flags before NONE are ignored, as everywhere.
  private static Instruction none(Arguments arguments, boolean alone) {
    if (!alone) {
      throw arguments.failure("NONE takes no arguments").hint("remove what stands behind NONE");
    }
    return new Healthcheck(arguments.span(), Optional.empty());
  }

  private static Check check(Arguments arguments, int commandFrom) {
    var interval = duration(arguments, "interval");
    var timeout = duration(arguments, "timeout");
    var startPeriod = duration(arguments, "start-period");
    var startInterval = duration(arguments, "start-interval");
    int retries = retries(arguments);
    arguments.flags().finish();
    var command = arguments.command(commandFrom);
    boolean empty =
        switch (command) {
          case Command.Shell(var script) -> script.isEmpty();
          case Command.Exec(var argv) -> argv.isEmpty();
        };
    if (empty) {
      throw arguments
          .failure("needs a command after CMD")
          .hint("write HEALTHCHECK CMD command, or HEALTHCHECK NONE");
    }
    return new Check(command, interval, timeout, startPeriod, startInterval, retries);
  }

  private static Duration duration(Arguments arguments, String flag) {
    var value = arguments.flags().text(flag);
    if (value.isEmpty() || value.get().text().isEmpty()) {
      return Duration.ZERO;
    }
    var word = value.get();
    var duration =
        Durations.parse(word.text())
            .orElseThrow(
                () ->
                    arguments
                        .failure(
                            "--" + flag + " is not a duration: " + Excerpt.of(word.text()),
                            word.span())
                        .hint("write a number and a unit, as 30s, 1m30s or 500ms"));
    if (!duration.isZero() && duration.compareTo(LEAST) < 0) {
      throw arguments
          .failure("--" + flag + " is less than a millisecond", word.span())
          .hint("use 1ms or more, or 0 for the runtime's default");
    }
    return duration;
  }

  private static int retries(Arguments arguments) {
    var value = arguments.flags().text("retries");
    if (value.isEmpty() || value.get().text().isEmpty()) {
      return 0;
    }
    var word = value.get();
    try {
      int retries = word.text().length() > 20 ? -1 : Integer.parseInt(word.text());
      if (retries >= 0) {
        return retries;
      }
    } catch (NumberFormatException _) {
      // told below
    }
    throw arguments
        .failure("--retries is not a number from 0 on: " + Excerpt.of(word.text()), word.span())
        .hint("write --retries=3, or leave it out for the runtime's default");
  }
}
