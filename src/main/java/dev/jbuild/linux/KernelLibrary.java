package dev.jbuild.linux;

/// The library of one function: the system call, made at once.
///
/// Calling native code through the Foreign Function API takes a third of the time of a short
/// command to prepare (docs/decisions/0017-call-library.md).
final class KernelLibrary {

  private static final boolean IS_LOADED = OwnLibraries.load("libjbuild");

  private KernelLibrary() {}

  /// Whether the call may be made through it.
  static boolean isLoaded() {
    return IS_LOADED;
  }

  /// The system call of this number.
  ///
  /// @return what the kernel answers: an error as its number negated
  static native long call(long number, long a, long b, long c, long d, long e, long f);
}
