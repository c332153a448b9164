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
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Writes what one layer places into a tree: one of its own, or one that holds the layers below.
final class TreePass implements AutoCloseable {

  private final Digest diffId;
  private final LayerReader layers;
  private final MergedView view;
  private final LayerChange change;
  private final TreeCursor tree;
  private final boolean canMakeDevices = !Machine.inUserNamespace();
  private final Map<Digest, OpenFile> plains = new HashMap<>();
  private final Map<Object, ArchivePath> made = new HashMap<>();
  private final NavigableSet<ArchivePath> directories = new TreeSet<>();
  private final Set<ArchivePath> leftOut = new HashSet<>();

  /// @param view with the layer on top
  /// @param change what the layer did to the view
  /// @param root is closed with the pass
  TreePass(Digest diffId, LayerReader layers, MergedView view, LayerChange change, Directory root) {
    this.diffId = diffId;
    this.layers = layers;
    this.view = view;
    this.change = change;
    this.tree = new TreeCursor(root);
  }

  TreeCursor tree() {
    return tree;
  }

  /// What could not be made here: device nodes.
  Set<ArchivePath> leftOut() {
    return Collections.unmodifiableSet(leftOut);
  }

  /// Makes all that the layer places and that is there in the end.
  void placeAll() throws IOException {
    makeDirectory(ArchivePath.ROOT);
    for (var each : change.placed().entrySet()) {
      if (view.holds(each.getKey(), each.getValue())) {
        place(each.getKey(), each.getValue().entry(each.getKey()));
      }
    }
  }

  /// Whether it is one in the end.
  boolean isDirectory(ArchivePath path) {
    return view.find(path).filter(ViewEntry::isDirectory).isPresent();
  }

  private void place(ArchivePath path, ViewEntry node) throws IOException {
    if (node.isDirectory()) {
      makeDirectory(path);
      return;
    }
    makeDirectory(path.parent());
    var first = made.putIfAbsent(node.file(), path);
    try {
      if (first == null) {
        make(path, node);
      } else {
        link(path, first);
      }
    } catch (LinuxException e) {
      if (isForeignOwner(e)) {
        throw foreignOwner(path, node.entry());
      }
      throw e;
    }
  }

  private void link(ArchivePath path, ArchivePath first) throws IOException {
    try (var from = tree.at(first.parent()).reopen()) {
      tree.at(path.parent()).makeHardLink(path.name(), from, first.name());
    }
  }

  private void make(ArchivePath path, ViewEntry node) throws IOException {
    var entry = node.entry();
    var parent = tree.at(path.parent());
    var name = path.name();
    switch (entry.type()) {
      case FILE -> makeFile(parent, name, node);
      case SYMLINK -> parent.makeSymlink(name, entry.link());
      case FIFO -> parent.makeNode(name, FileType.FIFO, entry.mode(), 0, 0);
      case CHARACTER, BLOCK -> {
        if (!canMakeDevices || (entry.major() == 0 && entry.minor() == 0)) {
          made.remove(node.file());
          leftOut.add(path);
          return; // stays in the layer; a user cannot make it, and 0:0 would be a whiteout
        }
        var type = entry.type() == TarEntry.Type.BLOCK ? FileType.BLOCK : FileType.CHARACTER;
        parent.makeNode(name, type, entry.mode(), entry.major(), entry.minor());
      }
      case DIRECTORY, HARDLINK -> throw new IllegalStateException(entry.path().printable());
    }
    FileAttributes.set(parent, name, entry);
  }

  private void makeFile(Directory parent, byte[] name, ViewEntry node) throws IOException {
    try (var file = parent.createFile(name, 0600)) {
      if (node.offset() < 0) {
        try (var content = LayerReader.content(plain(node.layer()), node)) {
          content.transferTo(file.outputStream());
        }
      } else if (node.entry().size() > 0) {
        copy(plain(node.layer()), node, file);
      }
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

  /// Makes the directory at `path` and its parents, open to us until all is in them.
  void makeDirectory(ArchivePath path) throws IOException {
    var missing = new ArrayDeque<ArchivePath>();
    for (var at = path; directories.add(at) && !at.isRoot(); at = at.parent()) {
      missing.push(at);
    }
    for (var each : missing) {
      make(tree.at(each.parent()), each.name());
    }
  }

  private static void make(Directory parent, byte[] name) throws IOException {
    try {
      parent.makeDirectory(name, 0700);
    } catch (LinuxException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      // In a tree with the layers below; what was no directory is gone already.
      for (var xattr : OverlayMarks.portable(parent.xattrs(name)).keySet()) {
        parent.removeXattr(name, xattr);
      }
    }
  }

  /// Directories get what they are when nothing more is put into them: deepest first.
  void finishDirectories() throws IOException {
    for (var path : directories.descendingSet()) {
      var entry = view.find(path).orElseThrow().entry();
      if (path.isRoot()) {
        FileAttributes.set(tree.at(path), entry);
      } else {
        described(path, entry);
      }
    }
  }

  private void described(ArchivePath path, TarEntry entry) throws IOException {
    try {
      FileAttributes.set(tree.at(path.parent()), path.name(), entry);
    } catch (LinuxException e) {
      if (isForeignOwner(e)) {
        throw foreignOwner(path, entry);
      }
      throw e;
    }
  }

  /// EINVAL of chown in a user namespace: the id has no place in its map (case 22).
  private boolean isForeignOwner(LinuxException e) {
    return e.is(Errno.EINVAL) && !canMakeDevices;
  }

  private static BuildFailure foreignOwner(ArchivePath path, TarEntry entry) {
    return BuildFailure.of(
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
