package dev.jbuild.dockerfile;

import dev.jbuild.failure.Credentials;
import dev.jbuild.failure.Span;

/// Something in a Dockerfile that is allowed, but against a [Rule].
///
/// @param message what is wrong here: a sentence without a final stop, printable; passwords in
///     addresses are taken out of it
public record Finding(Rule rule, Span span, String message) {
  public Finding {
    message = Credentials.hidden(message);
  }
}
