package dev.jbuild.plan;

/// A step that changes the config only, or, as ARG, not even that. It never adds a layer.
public record ConfigStep(Head head) implements Step {}
