package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.plan.RunStep;
import java.util.Optional;

/// A RUN that is about to be found or made.
///
/// @param next the step after it, if that runs too
/// @param inputs all that goes into it but what is below
/// @param bySource a key that is known without reading what the step binds
/// @param files the manifest of that
record RunTask(
    StepAttempt attempt,
    RunStep step,
    Optional<RunStep> next,
    StepInputs inputs,
    BoundFiles bound,
    Optional<StepKey> bySource,
    Optional<Digest> files) {

  /// One that binds nothing.
  RunTask(StepAttempt attempt, RunStep step, Optional<RunStep> next, StepInputs inputs) {
    this(attempt, step, next, inputs, BoundFiles.NONE, Optional.empty(), Optional.empty());
  }
}
