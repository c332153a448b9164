package dev.jbuild.plan;

import java.time.Instant;
import java.util.Optional;

/// The latest time that anything in the image may carry (SOURCE_DATE_EPOCH).
public sealed interface Clamp {

  /// A fixed time, whole seconds, from 1970 to 9999.
  record At(Instant time) implements Clamp {}

  /// The time of a build context, if it has one: of a git repository's commit, of a file on a web
  /// server.
  ///
  /// @param name of a named context; empty for the build context itself
  record OfContext(Optional<String> name) implements Clamp {}
}
