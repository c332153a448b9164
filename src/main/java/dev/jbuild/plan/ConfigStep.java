package dev.jbuild.plan;

import java.util.List;

/// A step that changes the config only, or, as ARG, not even that. It never adds a layer.
///
/// @param declared what ARG declares
public record ConfigStep(Head head, List<Declared> declared) implements Step {

  public ConfigStep {
    declared = List.copyOf(declared);
  }

  ConfigStep(Head head) {
    this(head, List.of());
  }
}
