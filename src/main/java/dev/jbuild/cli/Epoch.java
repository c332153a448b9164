package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import java.util.Map;
import java.util.OptionalLong;

/// SOURCE_DATE_EPOCH of the environment (reproducible-builds.org, its specification).
final class Epoch {

  private Epoch() {}

  /// Seconds since the epoch, if it is set.
  static OptionalLong of(Map<String, String> environment) {
    var text = environment.getOrDefault("SOURCE_DATE_EPOCH", "");
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    if (!text.matches("[0-9]{1,11}")) {
      throw Options.usage("SOURCE_DATE_EPOCH is not a number of seconds: " + Printable.of(text))
          .hint("set it as in: SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)");
    }
    return OptionalLong.of(Long.parseLong(text));
  }
}
