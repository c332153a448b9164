package dev.jbuild.build;

import dev.jbuild.plan.Chmod;
import dev.jbuild.plan.CopySource;
import dev.jbuild.plan.CopyStep;

/// A COPY or ADD as text for the cache key: all that decides what the layer is, but for the files
/// and what is below. Names of stages and images are not in it.
final class CopyText {

  private CopyText() {}

  static String canonical(CopyStep step) {
    return String.join(
        "\0",
        step.add() ? "ADD" : "COPY",
        step.destination(),
        "chown=" + step.chown().orElse(""),
        "chmod=" + step.chmod().map(Chmod::text).orElse(""),
        "link=" + step.link(),
        "parents=" + step.parents(),
        "exclude=" + String.join("\u0001", step.excludes()),
        "unpack="
            + String.join(
                "",
                step.sources().stream().map(source -> step.unpacks(source) ? "1" : "0").toList()));
  }

  /// The sources as written, for a tree of which the identity is known.
  static String sources(CopyStep step) {
    return String.join(
        "\0",
        step.sources().stream()
            .map(source -> source instanceof CopySource.Files(var pattern, var _) ? pattern : "")
            .toList());
  }
}
