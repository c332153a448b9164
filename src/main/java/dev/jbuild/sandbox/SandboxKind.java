package dev.jbuild.sandbox;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The ways in which a step can be kept apart, the best first.
public enum SandboxKind {
  /// Linux namespaces that jbuild itself makes.
  NAMESPACES,
  /// Another root directory and nothing else, inside of a container that is root.
  CHROOT;

  /// As people write it: `namespaces`.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The kind that is written `text`.
  public static Optional<SandboxKind> find(String text) {
    return List.of(values()).stream().filter(each -> each.text().equals(text)).findFirst();
  }
}
