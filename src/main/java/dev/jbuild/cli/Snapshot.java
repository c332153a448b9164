package dev.jbuild.cli;

import dev.jbuild.linux.OwnLibraries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;

/// The snapshot of classes that Java starts from (docs/decisions/0015-snapshot.md).
///
/// Java takes it only while the jars have the sizes and the times that they had when it was made.
/// Who copies an installation may lose the times, and nothing else.
final class Snapshot {

  /// The system property with the name of the one that the launcher gave to Java.
  private static final String GIVEN = "jbuild.snapshot";

  /// The file beside the jars that says of each its size in bytes, its time in seconds, its name.
  private static final String JARS = "jars";

  private Snapshot() {}

  /// Whether Java started from one.
  static boolean isUsed() {
    return isGiven() && System.getProperty("java.vm.info", "").contains("sharing");
  }

  /// Whether Java was to start from one.
  private static boolean isGiven() {
    return System.getProperty(GIVEN) != null;
  }

  /// If Java did not take the one that it was given, and the jars lack nothing but their times,
  /// gives these back to them, for the next start to be a fast one. Who may not do that does
  /// without; `jbuild doctor` tells of it.
  static void mend() {
    if (!isGiven() || isUsed()) {
      return;
    }
    var place = OwnLibraries.place();
    if (place.isPresent()) {
      try {
        mend(place.get());
      } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
        return; // it is no worse than it was
      }
    }
  }

  private static void mend(Path lib) throws IOException {
    var jars = Files.readAllLines(lib.resolve(JARS));
    for (var jar : jars) {
      var words = jar.split(" ", 3);
      if (Files.size(lib.resolve(words[2])) != Long.parseLong(words[0])) {
        return; // another one
      }
    }
    for (var jar : jars) {
      var words = jar.split(" ", 3);
      var file = lib.resolve(words[2]);
      var time = FileTime.from(Long.parseLong(words[1]), TimeUnit.SECONDS);
      if (Files.getLastModifiedTime(file).to(TimeUnit.SECONDS) != time.to(TimeUnit.SECONDS)) {
        Files.setLastModifiedTime(file, time);
      }
    }
  }
}
