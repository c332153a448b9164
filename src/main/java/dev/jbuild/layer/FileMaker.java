package dev.jbuild.layer;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.FileType;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.OpenFile;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes the files of a layer, one by one, in directories that are there. Not for several threads.
final class FileMaker implements AutoCloseable {

  private final Digest diffId;
  private final LayerReader layers;
  private final TreeCursor tree;
  private final boolean canMakeDevices = !Machine.inUserNamespace();
  private final Map<Digest, OpenFile> plains = new HashMap<>();

  /// @param diffId of the layer
  /// @param root is closed with this
  FileMaker(Digest diffId, LayerReader layers, Directory root) {
    this.diffId = diffId;
    this.layers = layers;
    this.tree = new TreeCursor(root);
  }

  TreeCursor tree() {
    return tree;
  }

  /// Makes what is no directory.
  ///
  /// @return false if it is a device node that cannot be made here: it stays in the layer
  boolean make(ArchivePath path, ViewEntry node) throws IOException {
    var entry = node.entry();
    var name = path.name();
    try {
      var parent = tree.at(path.parent());
      switch (entry.type()) {
        case FILE -> {
          makeFile(parent, name, node);
          return true;
        }
        case SYMLINK -> parent.makeSymlink(name, entry.link());
        case FIFO -> parent.makeNode(name, FileType.FIFO, entry.mode(), 0, 0);
        case CHARACTER, BLOCK -> {
          if (!canMakeDevices || (entry.major() == 0 && entry.minor() == 0)) {
            return false; // a user cannot make it, and 0:0 would be a whiteout
          }
          var type = entry.type() == TarEntry.Type.BLOCK ? FileType.BLOCK : FileType.CHARACTER;
          parent.makeNode(name, type, entry.mode(), entry.major(), entry.minor());
        }
        case DIRECTORY, HARDLINK -> throw new IllegalStateException(path.printable());
      }
      FileAttributes.set(parent, name, entry);
      return true;
    } catch (LinuxException e) {
      throw explained(path, entry, e);
    }
  }

  /// Gives the file at `first` one more name.
  void link(ArchivePath path, ArchivePath first) throws IOException {
    try (var from = tree.at(first.parent()).reopen()) {
      tree.at(path.parent()).makeHardLink(path.name(), from, first.name());
    }
  }

  private void makeFile(Directory parent, byte[] name, ViewEntry node) throws IOException {
    try (var file = parent.createFile(name, 0600)) {
      if (node.offset() < 0) {
        try (var content = PlainTar.content(plain(node.layer()), node, false)) {
          content.transferTo(file.outputStream());
        }
      } else if (node.entry().size() > 0) {
        copy(plain(node.layer()), node, file);
      }
      FileAttributes.set(file, node.entry());
    }
  }

  private void copy(OpenFile plain, ViewEntry node, OpenFile file) throws IOException {
    long size = node.entry().size();
    for (long done = 0; done < size; ) {
      long n = plain.copyTo(node.offset() + done, file, done, size - done);
      if (n <= 0) {
        throw new IOException("the layer " + node.layer() + " is shorter than its index says");
      }
      done += n;
    }
  }

  private OpenFile plain(@Nullable Digest layer) throws IOException {
    var source = layer == null ? diffId : layer;
    var open = plains.get(source);
    if (open == null) {
      open = layers.plain(source);
      plains.put(source, open);
    }
    return open;
  }

  /// EINVAL of chown in a user namespace: the id has no place in its map (case 22).
  static IOException explained(ArchivePath path, TarEntry entry, LinuxException e) {
    if (!e.is(Errno.EINVAL) || !Machine.inUserNamespace()) {
      return e;
    }
    throw BuildFailure.of(
            BuildFailure.Kind.SANDBOX,
            "/%s belongs to %d:%d, which is outside of your subordinate ids"
                .formatted(path.printable(), entry.uid(), entry.gid()))
        .hint("give yourself a longer range in /etc/subuid and /etc/subgid");
  }

  @Override
  public void close() {
    tree.close();
    plains.values().forEach(OpenFile::close);
  }
}
