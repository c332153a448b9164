package dev.jbuild.dockerfile;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import java.util.List;
import java.util.Optional;

/// What could be read of a text that may be no Dockerfile.
///
/// @param dockerfile all of it, or what stands before the mistake; then it may have no FROM, and
///     printing it gives that part only
/// @param mistake why it is none, if it is none
public record Reading(Dockerfile dockerfile, Optional<BuildFailure> mistake) {

  static Reading nothing(Source source, BuildFailure mistake) {
    return new Reading(new Dockerfile(source, '\\', List.of(), List.of()), Optional.of(mistake));
  }

  /// The whole Dockerfile.
  ///
  /// @throws BuildFailure the mistake
  public Dockerfile whole() {
    if (mistake.isPresent()) {
      throw mistake.get();
    }
    return dockerfile;
  }
}
