package dev.jbuild.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the kernel tells of an ext4 (its own Documentation/ABI/testing/sysfs-fs-ext4).
public final class Ext4 {

  private Ext4() {}

  /// Whether the directory is on one that has no journal; no where nobody can tell.
  public static boolean hasNoJournal(Directory directory) throws IOException {
    long device = directory.stat().device();
    var number = (device >>> Integer.SIZE) + ":" + (device & 0xFFFF_FFFFL);
    try {
      var disk = Path.of("/sys/dev/block", number).toRealPath().getFileName();
      var task = Path.of("/sys/fs/ext4", String.valueOf(disk), "journal_task");
      return Files.readString(task).strip().equals("<none>");
    } catch (IOException e) {
      return false; // another file system, or it is not shown here
    }
  }
}
