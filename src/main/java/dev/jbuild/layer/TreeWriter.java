package dev.jbuild.layer;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileType;
import dev.jbuild.linux.Machine;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.io.InputStream;
import java.util.TreeMap;

/// Writes files one by one into an empty directory: what a mount shows, not what a layer holds.
///
/// Every name is written in a directory that is held open, so nothing in the tree can lead out of
/// it. Device nodes are left out where they cannot be made. Not for several threads.
public final class TreeWriter implements AutoCloseable {

  private final TreeCursor tree;
  private final TreeMap<ArchivePath, TarEntry> directories = new TreeMap<>();
  private final boolean canMakeDevices = !Machine.inUserNamespace();

  /// Opens the content of a file when it is written.
  @FunctionalInterface
  public interface Content {
    InputStream open() throws IOException;
  }

  /// @param root is closed with the writer
  public TreeWriter(Directory root) {
    this.tree = new TreeCursor(root);
  }

  /// Writes an entry; its parents come before it. A directory gets what it is in [#finish].
  public void add(TarEntry entry, Content content) throws IOException {
    var path = entry.path();
    if (entry.isDirectory()) {
      if (!path.isRoot()) {
        tree.at(path.parent()).makeDirectory(path.name(), 0700);
      }
      directories.put(path, entry);
      return;
    }
    var parent = tree.at(path.parent());
    var name = path.name();
    switch (entry.type()) {
      case FILE -> {
        try (var in = content.open();
            var file = parent.createFile(name, 0600)) {
          in.transferTo(file.outputStream());
        }
      }
      case SYMLINK -> parent.makeSymlink(name, entry.link());
      case FIFO -> parent.makeNode(name, FileType.FIFO, entry.mode(), 0, 0);
      case CHARACTER, BLOCK -> {
        if (!canMakeDevices) {
          return;
        }
        var type = entry.type() == TarEntry.Type.BLOCK ? FileType.BLOCK : FileType.CHARACTER;
        parent.makeNode(name, type, entry.mode(), entry.major(), entry.minor());
      }
      case HARDLINK -> {
        link(entry);
        return;
      }
      case DIRECTORY -> throw new IllegalStateException(path.printable());
    }
    FileAttributes.set(parent, name, entry);
  }

  private void link(TarEntry entry) throws IOException {
    try (var from = tree.at(entry.hardLink().parent()).reopen()) {
      tree.at(entry.path().parent())
          .makeHardLink(entry.path().name(), from, entry.hardLink().name());
    }
  }

  /// Gives the directories their owners, modes and times: the deepest first.
  public void finish() throws IOException {
    for (var directory : directories.descendingMap().entrySet()) {
      var path = directory.getKey();
      if (path.isRoot()) {
        FileAttributes.set(tree.at(path), directory.getValue());
      } else {
        FileAttributes.set(tree.at(path.parent()), path.name(), directory.getValue());
      }
    }
  }

  @Override
  public void close() {
    tree.close();
  }
}
