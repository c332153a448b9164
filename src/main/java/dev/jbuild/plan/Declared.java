package dev.jbuild.plan;

import dev.jbuild.failure.Span;
import java.util.Optional;

/// An argument as one ARG declares it.
///
/// @param value what it comes to there; empty if it has none
/// @param inherited whether the value is that of above the first FROM, or an automatic one
/// @param span of the whole instruction
public record Declared(String name, Optional<String> value, boolean inherited, Span span) {}
