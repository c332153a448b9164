package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/// What a person typed after a command's name.
final class Options {

  private final ParseResult parsed;

  Options(ParseResult parsed) {
    this.parsed = parsed;
  }

  boolean has(String name) {
    return parsed.hasMatchedOption(name);
  }

  /// The value of an option that takes true and false.
  boolean isOn(String name, boolean otherwise) {
    return switch (value(name).orElse(Boolean.toString(otherwise))) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw usage(name + " takes true or false");
    };
  }

  Optional<String> value(String name) {
    return Optional.ofNullable(parsed.matchedOptionValue(name, null));
  }

  List<String> values(String name) {
    return parsed.matchedOptionValue(name, List.<String>of());
  }

  List<String> arguments() {
    return parsed.matchedPositionalsSet().stream()
        .flatMap(each -> each.stringValues().stream())
        .toList();
  }

  /// The first argument.
  ///
  /// @throws BuildFailure if there is none
  String argument(String what) {
    if (arguments().isEmpty()) {
      throw usage("it needs " + what);
    }
    return arguments().getFirst();
  }

  /// A whole number of at least `least`.
  int number(String name, int least, int otherwise) {
    var text = value(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text.get());
      if (number >= least) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw usage(
        name + " takes a whole number from " + least + " on, not " + Printable.of(text.get()));
  }

  static BuildFailure usage(String message) {
    return BuildFailure.of(BuildFailure.Kind.USAGE, message);
  }
}
