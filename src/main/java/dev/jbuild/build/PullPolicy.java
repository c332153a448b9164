package dev.jbuild.build;

/// When a registry is asked for an image.
public enum PullPolicy {
  /// When the store does not have it.
  MISSING,
  /// Each time; the build fails if it cannot be asked.
  ALWAYS,
  /// Each time; what the store has will do if it cannot be asked.
  NEWER,
  NEVER
}
