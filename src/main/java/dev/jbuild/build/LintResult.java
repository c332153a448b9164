package dev.jbuild.build;

import dev.jbuild.dockerfile.Finding;
import dev.jbuild.image.Reference;
import java.util.List;

/// What a lint run found.
///
/// @param findings in the order of the Dockerfile
/// @param unknown images that the store does not have, in the order of the Dockerfile: what depends
///     on their configs was left out
public record LintResult(List<Finding> findings, List<Reference> unknown) {

  public LintResult {
    findings = List.copyOf(findings);
    unknown = List.copyOf(unknown);
  }
}
