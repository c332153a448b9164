package dev.jbuild.plan;

import dev.jbuild.dockerfile.Variables;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Span;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The variables at one place of a stage.
///
/// ENV and ARG share one set of names: what was assigned last in the order of the file wins. So an
/// ARG with a value hides an ENV above it, that of a base image included, though the image's config
/// keeps the ENV.
final class Scope implements Variables {

  private final Map<String, String> values;
  private final Map<String, String> declared; // ARGs, by first declaration; "" without a value
  private final Notices notices;

  private Scope(Map<String, String> values, Map<String, String> declared, Notices notices) {
    this.values = new LinkedHashMap<>(values);
    this.declared = new LinkedHashMap<>(declared);
    this.notices = notices;
  }

  /// The variables of an image's environment, `NAME=value` each.
  static Scope of(List<String> environment, Notices notices) {
    var scope = new Scope(Map.of(), Map.of(), notices);
    for (var variable : environment) {
      int equals = variable.indexOf('=');
      if (equals > 0) {
        scope.set(variable.substring(0, equals), variable.substring(equals + 1));
      }
    }
    return scope;
  }

  /// What a stage that is based on this one's inherits.
  Scope copy() {
    return new Scope(values, declared, notices);
  }

  /// ENV.
  void set(String name, String value) {
    values.put(name, value);
  }

  /// ARG, with the value it has here, if any.
  void declare(String name, @Nullable String value) {
    declared.put(name, value == null ? "" : value);
    if (value != null && !PredefinedArgs.NEVER_ENVIRONMENT.contains(name)) {
      values.put(name, value);
    }
  }

  @Override
  public @Nullable String value(String name) {
    return values.get(name);
  }

  @Override
  public void unset(String name, Span use) {
    if (!declared.containsKey(name)) {
      var nearest = Nearest.to(name, values.keySet());
      notices.add(
          "UndefinedVar",
          use,
          "no variable is called $"
              + Printable.of(name)
              + nearest.map(near -> ": did you mean $" + Printable.of(near) + "?").orElse(""));
    }
  }

  /// What a process of this place is given.
  SortedMap<String, String> environment() {
    return new TreeMap<>(values);
  }

  /// How the history tells the arguments of a RUN: `|2 A=1 B= `, or nothing.
  String argumentsText() {
    if (declared.isEmpty()) {
      return "";
    }
    var text = new StringBuilder("|").append(declared.size()).append(' ');
    declared.forEach(
        (name, value) ->
            text.append(name).append('=').append(values.getOrDefault(name, value)).append(' '));
    return text.toString();
  }
}
