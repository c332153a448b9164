package dev.jbuild.linux;

import java.io.File;

/// jbuild's own native libraries, which packaging writes beside the jars
/// (`src/main/packaging/NativeLibraries.java`). The launcher says where that is.
final class OwnLibraries {

  /// The system property with the directory that they are in.
  private static final String PLACE = "jbuild.lib";

  private OwnLibraries() {}

  /// Loads the one of this name for the processor that this JVM runs on.
  ///
  /// @return false if there is none, as where jbuild runs from loose classes, if the file system
  ///     that it is on lets no code be run, or if what it needs itself is not there
  static boolean load(String name) {
    var place = System.getProperty(PLACE);
    if (place == null) {
      return false;
    }
    try {
      System.load(place + File.separator + name + "-" + Processor.current().text() + ".so");
      return true;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }
}
