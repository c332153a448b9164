package dev.jbuild.plan;

import dev.jbuild.failure.Span;
import java.util.Optional;

/// Something that is allowed but probably not meant.
///
/// @param rule the lint rule's name, as `UndefinedVar`; empty for what no rule is about
/// @param message a sentence without a final stop, printable
/// @param span where, if it is in the Dockerfile
public record Notice(Optional<String> rule, String message, Optional<Span> span) {

  static Notice of(String rule, Span span, String message) {
    return new Notice(Optional.of(rule), message, Optional.of(span));
  }
}
