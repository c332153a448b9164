package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import java.nio.file.Path;

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
