package dev.jbuild.plan;

import dev.jbuild.failure.Span;
import dev.jbuild.image.ContainerConfig;
import java.util.Optional;

/// One instruction of a stage, every variable replaced.
public sealed interface Step permits ConfigStep, WorkdirStep, CopyStep, RunStep {

  /// The `comment` of the history entries of all steps; tools tell by it how to read the texts.
  String HISTORY_COMMENT = "buildkit.dockerfile.v0";

  /// What all steps have.
  Head head();

  /// Where the instruction stands; for a trigger, in the text that the base image has of it.
  default Span span() {
    return head().span();
  }

  /// The instruction in one line, as written, for progress and logs; not yet made printable.
  default String instruction() {
    return head().instruction();
  }

  /// The text for the history, as BuildKit writes it; none for ONBUILD, which has no entry there.
  default Optional<String> createdBy() {
    return head().createdBy();
  }

  /// The whole config after this step.
  default ContainerConfig after() {
    return head().after();
  }

  /// What all steps have.
  record Head(Span span, String instruction, Optional<String> createdBy, ContainerConfig after) {}
}
