package dev.jbuild.build;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.Mounts;
import dev.jbuild.store.Store;
import dev.jbuild.store.TreeDraft;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Directories on top of each other, mounted as one; what is written there is lost when it is
/// closed, and the directories never change.
final class ThrowAwayMount implements AutoCloseable {

  private final TreeDraft draft;
  private final Path root;

  private ThrowAwayMount(TreeDraft draft, Path root) {
    this.draft = draft;
    this.root = root;
  }

  /// @param lowers from the topmost to the lowest, at least one
  static ThrowAwayMount of(Store store, List<Path> lowers) throws IOException {
    var draft = store.trees().draft();
    try {
      // The topmost directory decides what the root itself is, and that is the draft's.
      try (var from = Directory.open(lowers.getFirst());
          var to = Directory.open(draft.fs())) {
        var stat = from.stat();
        to.setOwner(Integer.toUnsignedLong(stat.uid()), Integer.toUnsignedLong(stat.gid()));
        to.setMode(stat.permissions());
        to.setTime(stat.mtime(), 0);
      }
      var root = draft.directory().resolve("root");
      Files.createDirectory(root);
      Mounts.overlay(lowers, draft.fs(), draft.freshWork(), root, Machine.inUserNamespace(), true);
      return new ThrowAwayMount(draft, root);
    } catch (IOException | RuntimeException e) {
      draft.close();
      throw e;
    }
  }

  /// Where it is mounted.
  Path root() {
    return root;
  }

  @Override
  public void close() throws IOException {
    try (draft) {
      Mounts.unmount(root);
    }
  }
}
