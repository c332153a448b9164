package dev.jbuild.linux;

import java.io.File;
import java.nio.file.Path;
import java.util.Optional;

/// jbuild's own native libraries, which packaging writes beside the jars
/// (`src/main/packaging/NativeLibraries.java`). The launcher says where that is.
public final class OwnLibraries {

  /// The system property with the directory that they are in.
  private static final String PLACE = "jbuild.lib";

  private OwnLibraries() {}

  /// The directory that they and the jars are in; none where jbuild runs from loose classes.
  public static Optional<Path> place() {
    return Optional.ofNullable(System.getProperty(PLACE)).map(Path::of);
  }

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
