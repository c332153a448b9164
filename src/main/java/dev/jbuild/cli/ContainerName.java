package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import java.util.regex.Pattern;

/// The names that containers may have, as with docker.
final class ContainerName {

  private static final Pattern FORM = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}");

  private ContainerName() {}

  static String check(String text) {
    if (!FORM.matcher(text).matches()) {
      throw Options.usage("--name cannot be " + Printable.of(text))
          .hint("it has two characters or more of A-Z, a-z, 0-9, _, . and -");
    }
    return text;
  }
}
