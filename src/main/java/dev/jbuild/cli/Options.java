package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a person typed after a command's name.
final class Options {

  private final Map<String, List<String>> given;
  private final List<String> arguments;

  /// @param given the values of each option by all of its names, that of a flag is of no meaning
  Options(Map<String, List<String>> given, List<String> arguments) {
    this.given = Map.copyOf(given);
    this.arguments = List.copyOf(arguments);
  }

  boolean has(String name) {
    return given.containsKey(name);
  }

  /// Whether nothing but options of these names was given.
  boolean areOnly(Set<String> names) {
    return names.containsAll(given.keySet());
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
    var values = values(name);
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
  }

  List<String> values(String name) {
    return given.getOrDefault(name, List.of());
  }

  List<String> arguments() {
    return arguments;
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
