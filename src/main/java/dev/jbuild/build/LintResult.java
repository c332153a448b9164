package dev.jbuild.build;

import dev.jbuild.dockerfile.Finding;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Reference;
import java.util.List;
import java.util.Optional;

/// What a lint run found.
///
/// @param findings in the order of the Dockerfile
/// @param unknown images that the store does not have, in the order of the Dockerfile: what depends
///     on their configs was left out
/// @param failure why it went no further, if it did not: there can be no plan
public record LintResult(
    List<Finding> findings, List<Reference> unknown, Optional<BuildFailure> failure) {

  public LintResult {
    findings = List.copyOf(findings);
    unknown = List.copyOf(unknown);
  }
}
