package dev.jbuild.sandbox;

/// Whether programs of a processor run in steps.
public enum Execution {
  /// They do: it is the machine's own or one that it runs too, or an emulator is registered.
  RUNS,
  /// The kernel knows neither the format nor an emulator for it.
  NO_EMULATOR,
  /// An emulator is registered, but it is found by its path in the root file system of the step
  /// (without flag F): an image has to bring it.
  IN_IMAGE_ONLY,
  /// Nobody knows before it is tried.
  UNKNOWN
}
