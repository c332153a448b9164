package dev.jbuild.dockerfile;

import dev.jbuild.failure.Span;
import org.jspecify.annotations.Nullable;

/// What the variables of a word stand for at one place of a Dockerfile.
@FunctionalInterface
public interface Variables {

  /// The value of `name`, which may be empty, or null if it is not set.
  ///
  /// Also asked for what can never be set, as `1`, `@` or `#`.
  @Nullable String value(String name);

  /// Called when a variable without a value is used where nothing says what stands in for it
  /// (`$name`, `${name#pattern}`, but not `${name:-word}`); the text becomes empty there.
  ///
  /// @param use the `$name`, or the whole word where its parts cannot be told apart
  default void unset(String name, Span use) {}
}
