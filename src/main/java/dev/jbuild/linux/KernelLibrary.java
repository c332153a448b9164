package dev.jbuild.linux;

/// The library that makes system calls: one of this process at once, or some of a new one.
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

  /// Makes a child of this process that shares its memory, as vfork(2) does, and makes the calls of
  /// [SpawnCalls] until one of them is the beginning of a program or its end. Returns then.
  ///
  /// @return the child's number, or an error negated
  static native long spawn(long calls);
}
