package dev.jbuild.plan;

import java.time.Instant;

/// The latest time that anything in the image may carry (SOURCE_DATE_EPOCH).
public sealed interface Clamp {

  /// A fixed time, whole seconds, from 1970 to 9999.
  record At(Instant time) implements Clamp {}

  /// The time of the build context, if it has one: a git repository's commit.
  record OfContext() implements Clamp {}
}
