package dev.jbuild.layer;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.ChainId;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.FileType;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.OpenFile;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Makes the directories that an overlay stacks into a root file system: one for each layer, as the
/// layer looks at its place above the others.
///
/// A tree belongs to a place (a chain ID), not to a layer: a directory that the layer does not name
/// has in its tree the mode, owner and times that it has below, a link to a name below becomes a
/// copy, a path through a link lies where the link leads. Unpacked alone, a layer that holds only
/// `tmp/f` would turn /tmp from 1777 to 0755.
public final class TreeUnpacker {

  private final Store store;
  private final LayerReader layers;
  private final OverlayMarks marks = new OverlayMarks();
  private final boolean canMakeDevices = !Machine.inUserNamespace();

  public TreeUnpacker(Store store, LayerReader layers) {
    this.store = store;
    this.layers = layers;
  }

  /// The trees of an image's layers, the lowest first; those that are missing are made.
  public List<Path> trees(List<Digest> diffIds) throws IOException {
    layers.bring(untreed(diffIds));
    return unpacked(diffIds);
  }

  /// The layers that have no tree at their place yet.
  private List<Digest> untreed(List<Digest> diffIds) throws IOException {
    var found = new ArrayList<Digest>();
    @Nullable Digest chain = null;
    for (var diffId : diffIds) {
      chain = ChainId.next(chain, diffId);
      if (store.trees().find(chain).isEmpty()) {
        found.add(diffId);
      }
    }
    return found;
  }

  private synchronized List<Path> unpacked(List<Digest> diffIds) throws IOException {
    var trees = new ArrayList<Path>();
    var view = new MergedView();
    @Nullable Digest chain = null;
    for (var diffId : diffIds) {
      chain = ChainId.next(chain, diffId);
      var change = view.apply(diffId, layers.index(diffId));
      var known = store.trees().find(chain);
      trees.add(known.isPresent() ? known.get() : unpack(diffId, chain, view, change));
    }
    return trees;
  }

  /// Writes the whole file system that layers make into `directory`, over what is there: files of
  /// the same names are replaced, others stay.
  ///
  /// @throws BuildFailure if something else is where a directory belongs, or the other way round;
  ///     nothing is written then
  public void export(List<Digest> diffIds, Path directory) throws IOException {
    try (var target = Directory.open(directory)) {
      if (target.list().isEmpty()) {
        fill(diffIds, directory);
        return;
      }
      var scratch = Files.createTempDirectory(directory, ".jbuild-");
      try (var made = Directory.open(scratch)) {
        fill(diffIds, scratch);
        TreeMerge.move(made, target);
      } finally {
        target.removeTree(scratch.getFileName().toString().getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  private void fill(List<Digest> diffIds, Path directory) throws IOException {
    layers.bring(diffIds);
    var view = layers.view(diffIds);
    if (!diffIds.isEmpty()) {
      try (var pass = new Pass(diffIds.getLast(), view, view.all(), Directory.open(directory))) {
        pass.run();
      }
    }
  }

  private Path unpack(Digest diffId, Digest chain, MergedView view, LayerChange change)
      throws IOException {
    try (var draft = store.trees().draft()) {
      try (var pass = new Pass(diffId, view, change, Directory.open(draft.fs()))) {
        pass.run();
      }
      return store.trees().commit(draft, chain);
    }
  }

  /// The unpacking of one layer at one place.
  private final class Pass implements AutoCloseable {
    private final Digest diffId;
    private final MergedView view;
    private final LayerChange change;
    private final TreeCursor tree;
    private final Map<Digest, OpenFile> plains = new HashMap<>();
    private final Map<Object, ArchivePath> made = new HashMap<>();
    private final NavigableSet<ArchivePath> directories = new TreeSet<>();
    private final Set<ArchivePath> leftOut = new HashSet<>();

    Pass(Digest diffId, MergedView view, LayerChange change, Directory root) {
      this.diffId = diffId;
      this.view = view;
      this.change = change;
      this.tree = new TreeCursor(root);
    }

    void run() throws IOException {
      makeDirectory(ArchivePath.ROOT);
      for (var each : change.placed().entrySet()) {
        var node = view.find(each.getKey());
        if (node.isPresent() && node.get().equals(each.getValue().entry)) {
          place(each.getKey(), node.get());
        }
      }
      hideRemoved();
      for (var path : change.opaque()) {
        if (isDirectory(path)) {
          makeDirectory(path);
          setOpaque(path);
        }
      }
      finishDirectories();
    }

    private boolean isDirectory(ArchivePath path) {
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
    private void makeDirectory(ArchivePath path) throws IOException {
      var missing = new ArrayDeque<ArchivePath>();
      for (var at = path; directories.add(at) && !at.isRoot(); at = at.parent()) {
        missing.push(at);
      }
      for (var each : missing) {
        tree.at(each.parent()).makeDirectory(each.name(), 0700);
      }
    }

    private void hideRemoved() throws IOException {
      for (var each : change.removed().entrySet()) {
        var path = each.getKey();
        if (!isDirectory(path.parent()) || isHiddenAbove(path)) {
          continue;
        }
        var now = view.find(path);
        if (now.isEmpty() || leftOut.contains(path)) {
          makeDirectory(path.parent());
          marks.hide(tree.at(path.parent()), path.name());
        } else if (now.get().isDirectory() && each.getValue()) {
          makeDirectory(path);
          setOpaque(path);
        }
      }
    }

    /// Whether a directory above is new itself, so that nothing of below shows at `path` anyway.
    private boolean isHiddenAbove(ArchivePath path) {
      for (var at = path; !at.isRoot(); ) {
        at = at.parent();
        if (change.opaque().contains(at) || change.removed().containsKey(at)) {
          return true;
        }
      }
      return false;
    }

    private void setOpaque(ArchivePath path) throws IOException {
      if (path.isRoot()) {
        marks.setRootOpaque(tree.at(path));
      } else {
        marks.setOpaque(tree.at(path.parent()), path.name());
      }
    }

    /// Directories get what they are when nothing more is put into them: deepest first.
    private void finishDirectories() throws IOException {
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
}
