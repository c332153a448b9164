package dev.jbuild.plan;

import dev.jbuild.failure.Span;
import java.util.Optional;

/// An image that has to be resolved before planning can go on, and where it is asked for first.
///
/// @param text the name as the Dockerfile has it, variables replaced
/// @param hint advice for the case that there is no such image, as "did you mean stage …"
public record ImageNeed(ImageRequest image, String text, Span span, Optional<String> hint) {}
