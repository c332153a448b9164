package dev.jbuild.dockerfile;

import dev.jbuild.failure.Span;

/// A word as it was written, quotes, escapes and variables still in it, and where it stands.
///
/// The value of a flag has lost the quotes and escapes that the flag was read with, and an element
/// of a JSON array is the string's value; what is left of them still counts when it is expanded.
///
/// @param text the raw text; what it means says [Expansion]
public record Word(String text, Span span) {}
