package dev.jbuild.store;

import dev.jbuild.linux.Directory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// A tree in the making: `fs`, which becomes the tree, and `work` beside it for an overlay's work
/// directory. Closed before it is committed it leaves nothing.
public final class TreeDraft implements AutoCloseable {

  static final String FILES = "fs";
  static final String WORK = "work";

  private final Path directory;
  private boolean committed;

  TreeDraft(Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectory(fs());
    // What the root of a file system has unless a layer says otherwise, whatever our umask is.
    Files.setPosixFilePermissions(fs(), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// The directory that holds all of the draft; whatever else is put there goes with it.
  public Path directory() {
    return directory;
  }

  /// The tree.
  public Path fs() {
    return directory.resolve(FILES);
  }

  /// A new empty work directory for an overlay; never part of the tree. One of an earlier mount is
  /// gone, and with it the mark by which overlay refuses an upper that was mounted volatile.
  public Path freshWork() throws IOException {
    var work = directory.resolve(WORK);
    if (Files.exists(work)) {
      removeWork();
    }
    return Files.createDirectory(work);
  }

  void removeWork() throws IOException {
    try (var draft = Directory.open(directory)) {
      draft.removeTree(TempArea.bytes(WORK));
    }
  }

  void setCommitted() {
    committed = true;
  }

  @Override
  public void close() throws IOException {
    if (!committed) {
      committed = true;
      try (var parent = Directory.open(directory.resolveSibling("."))) {
        parent.removeTree(TempArea.bytes(String.valueOf(directory.getFileName())));
      }
    }
  }
}
