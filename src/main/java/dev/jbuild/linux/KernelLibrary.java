package dev.jbuild.linux;

import java.io.File;

/// jbuild's own library of one function: the system call, made at once.
///
/// Packaging writes it (`src/main/packaging/CallLibrary.java`) beside the jars, and the launcher
/// says where. Calling native code through the Foreign Function API takes a third of the time of a
/// short command to prepare (docs/decisions/0017-call-library.md).
final class KernelLibrary {

  /// The system property with the directory that the library is in.
  private static final String PLACE = "jbuild.lib";

  private KernelLibrary() {}

  /// Loads it, once.
  ///
  /// @return false if there is none for this processor, as where jbuild runs from loose classes, or
  ///     if the file system that it is on lets no code be run
  static boolean isLoaded(Processor processor) {
    var place = System.getProperty(PLACE);
    if (place == null) {
      return false;
    }
    try {
      System.load(place + File.separator + "libjbuild-" + processor.text() + ".so");
      return true;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }

  /// The system call of this number.
  ///
  /// @return what the kernel answers: an error as its number negated
  static native long call(long number, long a, long b, long c, long d, long e, long f);
}
