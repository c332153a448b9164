package dev.jbuild.sandbox;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The ways in which a step can be kept apart.
public enum SandboxKind {
  /// Linux namespaces that jbuild itself makes.
  NAMESPACES,
  /// Another root directory and nothing else, inside of a container that is root.
  CHROOT,
  /// A container of runc.
  RUNC,
  /// A container of crun.
  CRUN;

  /// Those that are taken without being asked for, the best first. What another program does is
  /// somebody's decision.
  static final List<SandboxKind> AUTOMATIC = List.of(NAMESPACES, CHROOT);

  /// Whether it is taken without being asked for.
  public boolean isAutomatic() {
    return AUTOMATIC.contains(this);
  }

  /// Whether another program makes the containers.
  public boolean isRuntime() {
    return this == RUNC || this == CRUN;
  }

  /// As people write it: `namespaces`.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The kind that is written `text`.
  public static Optional<SandboxKind> find(String text) {
    return List.of(values()).stream().filter(each -> each.text().equals(text)).findFirst();
  }
}
