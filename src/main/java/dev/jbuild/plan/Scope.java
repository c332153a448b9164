package dev.jbuild.plan;

import dev.jbuild.dockerfile.Rule;
import dev.jbuild.dockerfile.Variables;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Span;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The variables at one place of a stage.
///
/// ENV and ARG share one set of names: what was assigned last in the order of the file wins. So an
/// ARG with a value hides an ENV above it, that of a base image included, though the image's config
/// keeps the ENV.
final class Scope implements Variables {

  private static final String PATH = "PATH";

  private final Map<String, String> values;
  private final Map<String, String> declared; // ARGs, by first declaration; "" without a value
  private final Notices notices;
  private final Optional<Set<String>> outside;

  private Scope(
      Map<String, String> values,
      Map<String, String> declared,
      Notices notices,
      Optional<Set<String>> outside) {
    this.values = new LinkedHashMap<>(values);
    this.declared = new LinkedHashMap<>(declared);
    this.notices = notices;
    this.outside = outside;
  }

  /// The variables of an image's environment, `NAME=value` each.
  static Scope of(List<String> environment, Notices notices) {
    return fill(environment, new Scope(Map.of(), Map.of(), notices, Optional.empty()));
  }

  /// The same for an image of which nobody knows which variables it has.
  ///
  /// @param environment what it surely has
  /// @param outside names that mean something above the stages: no image sets them
  static Scope ofUnknown(List<String> environment, Set<String> outside, Notices notices) {
    return fill(environment, new Scope(Map.of(), Map.of(), notices, Optional.of(outside)));
  }

  private static Scope fill(List<String> environment, Scope scope) {
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
    return new Scope(values, declared, notices, outside);
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
    if (declared.containsKey(name)) {
      return;
    }
    var near = Nearest.to(name, candidates(name));
    boolean sure = outside.isEmpty() || outside.get().contains(name);
    if (sure || near.isPresent()) {
      notices.add(
          Rule.UNDEFINED_VAR,
          use,
          "no variable is called $"
              + Printable.of(name)
              + near.map(other -> ": did you mean $" + Printable.of(other) + "?").orElse(""));
    }
  }

  /// What `name` may be a misspelling of. An unknown image may well set something like PATH.
  private Set<String> candidates(String name) {
    var candidates = new HashSet<>(values.keySet());
    candidates.addAll(declared.keySet());
    if (outside.isPresent() && name.length() != PATH.length()) {
      candidates.remove(PATH);
    }
    return candidates;
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
