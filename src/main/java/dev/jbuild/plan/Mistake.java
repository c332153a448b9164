package dev.jbuild.plan;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Span;

/// Failures that are the Dockerfile's.
final class Mistake {

  private Mistake() {}

  static BuildFailure at(Span span, String message) {
    return BuildFailure.of(BuildFailure.Kind.DOCKERFILE, message).at(span);
  }
}
