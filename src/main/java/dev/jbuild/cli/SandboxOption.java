package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import dev.jbuild.sandbox.OciRuntime;
import dev.jbuild.sandbox.RuntimeVersion;
import dev.jbuild.sandbox.SandboxKind;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// `--sandbox` of build and run: how processes are kept apart.
final class SandboxOption {

  private static final String AUTO = "auto";
  private static final String VARIABLE = "JBUILD_SANDBOX";

  private SandboxOption() {}

  static Syntax addTo(Syntax syntax) {
    return syntax.value(
        "KIND",
        "How steps are kept apart: " + kinds() + "; auto (the default) is the best that works.",
        "--sandbox");
  }

  /// The kind that is asked for, by the option, else by JBUILD_SANDBOX; empty: the best that works.
  static Optional<SandboxKind> read(Options options, Map<String, String> environment) {
    var option = options.value("--sandbox");
    if (option.isPresent()) {
      return kind("--sandbox", option.get());
    }
    var variable = environment.getOrDefault(VARIABLE, "");
    return variable.isEmpty() ? Optional.empty() : kind(VARIABLE, variable);
  }

  /// Says what a person should know of the runtime that was asked for.
  static void warn(Optional<SandboxKind> wanted, Session session)
      throws IOException, InterruptedException {
    if (wanted.isPresent() && wanted.get() == SandboxKind.RUNC) {
      OciRuntime.version(SandboxKind.RUNC)
          .flatMap(RuntimeVersion::warning)
          .ifPresent(session.console()::warning);
    }
  }

  private static Optional<SandboxKind> kind(String source, String text) {
    if (text.equals(AUTO)) {
      return Optional.empty();
    }
    var kind = SandboxKind.find(text);
    if (kind.isEmpty()) {
      throw Options.usage(
          source + " takes " + kinds() + " or " + AUTO + ", not " + Printable.of(text));
    }
    return kind;
  }

  private static String kinds() {
    return String.join(", ", Arrays.stream(SandboxKind.values()).map(SandboxKind::text).toList());
  }
}
