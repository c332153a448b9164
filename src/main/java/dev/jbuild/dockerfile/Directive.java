package dev.jbuild.dockerfile;

import dev.jbuild.failure.Span;

/// A parser directive, `# name=value` at the top of the file.
///
/// @param name `syntax`, `escape` or `check`, in lower case
/// @param value the rest of the line as written, without blanks around it; never empty
/// @param span of the line without blanks around it
/// @param valueSpan of the value
public record Directive(String name, String value, Span span, Span valueSpan) {}
