package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.http.PassingException;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;

/// Failures of kind REGISTRY, and what registries say in their own words.
final class Failures {

  /// A longer error is not read (reliability case 44).
  static final int LONGEST_ANSWER = 64 << 10;

  private static final int LONGEST_MESSAGE = 300;

  private Failures() {}

  static BuildFailure of(String message) {
    return BuildFailure.of(BuildFailure.Kind.REGISTRY, message);
  }

  static BuildFailure of(String message, Throwable cause) {
    return BuildFailure.of(BuildFailure.Kind.REGISTRY, message, cause);
  }

  /// A file of settings that cannot be used.
  static BuildFailure file(Path file, String why) {
    return of(Printable.of(file.toString()) + " cannot be used: " + why);
  }

  /// Whether TLS failed since nobody vouches for the server.
  static boolean isUntrusted(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException || cause instanceof CertPathBuilderException) {
        return true;
      }
    }
    return false;
  }

  /// Says which server it is that nobody vouches for. Another attempt is of no use then.
  ///
  /// @param by who leads there
  static void refuseUntrusted(URI at, String by, PassingException e) {
    if (isUntrusted(e)) {
      throw of(
              "the certificate of "
                  + at.getAuthority()
                  + ", to which "
                  + by
                  + " leads, is not trusted: "
                  + e.getMessage(),
              e)
          .hint("what is allowed to an insecure registry is not allowed to other hosts");
    }
  }

  /// The first error of an answer's body (distribution-spec, error codes), ready to be appended to
  /// a sentence; empty if there is none.
  static String said(byte[] body) {
    try {
      for (var error : JsonObject.parse(body, "answer").objects("errors")) {
        var code = error.string("code").orElse("");
        var message = error.string("message").orElse("");
        var both = message.isEmpty() ? code : code.isEmpty() ? message : code + ": " + message;
        if (!both.isEmpty()) {
          return " (" + shortened(Printable.of(both)) + ")";
        }
      }
      return "";
    } catch (ImageFormatException e) {
      return ""; // an error page for people
    }
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE) + "…";
  }
}
