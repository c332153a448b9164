package dev.jbuild.build;

import dev.jbuild.context.HardLinkKey;
import dev.jbuild.context.Selected;
import dev.jbuild.context.SourceEntry;
import dev.jbuild.layer.TreeWriter;
import dev.jbuild.linux.Directory;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// Copies of what mounts show of a context, made for the build and gone with it.
///
/// A context is never mounted itself: the step would see what .dockerignore leaves out and the ids
/// of the machine, and could write to it. A copy holds exactly the files that were hashed, owned as
/// an image would have them, with their times. Several steps share one. Safe for many threads.
final class BoundTrees {

  private final Store store;
  private final Map<Key, Path> made = new HashMap<>();

  private record Key(Object tree, ArchivePath path) {}

  BoundTrees(Store store) {
    this.store = store;
  }

  /// The directory that holds what `selected` stands for: the contents of a directory, or the one
  /// file under its name.
  synchronized Path of(Selected selected) throws IOException {
    var key = new Key(selected.tree(), selected.source());
    var known = made.get(key);
    if (known == null) {
      known = store.makeTemporaryDirectory();
      write(selected, known, ArchivePath.ROOT);
      made.put(key, known);
    }
    return known;
  }

  /// Writes what `selected` stands for into the empty `directory`, at the path `at` in it, whose
  /// parents are 0755.
  static void write(Selected selected, Path directory, ArchivePath at) throws IOException {
    var names = new HashMap<HardLinkKey, ArchivePath>();
    try (var writer = new TreeWriter(Directory.open(directory))) {
      writeParents(at, selected.entry().mtime(), writer);
      if (selected.isDirectory()) {
        writer.add(entry(at, selected.entry(), ArchivePath.ROOT), InputStream::nullInputStream);
      }
      for (var found : selected.all()) {
        var entry = found.entry();
        var first =
            entry
                .hardLinkKey()
                .map(key -> names.putIfAbsent(key, at.resolve(found.path())))
                .orElse(ArchivePath.ROOT);
        writer.add(
            entry(at.resolve(found.path()), entry, first), () -> selected.tree().open(entry));
      }
      writer.finish();
    }
  }

  private static void writeParents(ArchivePath path, long mtime, TreeWriter writer)
      throws IOException {
    if (!path.isRoot()) {
      writeParents(path.parent(), mtime, writer);
      writer.add(
          TarEntry.directory(path.parent(), 0755, 0, 0, mtime), InputStream::nullInputStream);
    }
  }

  /// @param first the earlier name of the same file, or the root
  private static TarEntry entry(ArchivePath path, SourceEntry source, ArchivePath first) {
    boolean linked = !first.isRoot();
    return new TarEntry(
        path,
        linked ? TarEntry.Type.HARDLINK : source.type(),
        source.mode(),
        source.uid(),
        source.gid(),
        linked ? 0 : source.size(),
        source.mtime(),
        source.link(),
        first,
        source.major(),
        source.minor(),
        source.xattrs());
  }
}
