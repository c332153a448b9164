package dev.jbuild.build;

import dev.jbuild.context.LaterFile;
import dev.jbuild.context.SourceEntry;
import dev.jbuild.context.SourceTree;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.MergedView;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarFormatException;
import dev.jbuild.tar.XattrName;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/// An archive as a build context: a file system of its own, in which its links stay, and of which
/// everything belongs to 0:0 whatever the archive says.
///
/// No name in the archive ever becomes a path on disk.
final class ContextTree implements SourceTree {

  private final SourceTree files;

  /// @param files the archive's
  private ContextTree(SourceTree files) {
    this.files = files;
  }

  /// The files of a tar.
  ///
  /// @param shown what a person calls it; printable
  /// @throws BuildFailure CONTEXT if it is no tar that can be read, or leads out of itself
  static SourceTree of(PlainTarFile tar, String shown) throws IOException {
    try {
      var index = tar.index();
      if (!index.hidden().isEmpty() || !index.opaque().isEmpty()) {
        throw BuildFailure.of(
                BuildFailure.Kind.CONTEXT,
                shown + " holds names that begin with .wh., which no image can have")
            .hint("give these files other names");
      }
      var view = new MergedView();
      view.stack(Digest.of(new byte[0]), index); // the one archive that any content is in
      return new ContextTree(
          new ViewTree(view, file -> tar.open(file.offset(), file.entry().size())));
    } catch (TarFormatException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.CONTEXT, shown + " cannot be used as a context: " + e.getMessage(), e);
    }
  }

  /// The time of the newest file, seconds since 1970; empty if there is no file.
  static OptionalLong newest(SourceTree tree) throws IOException {
    var newest = OptionalLong.empty();
    var directories = new ArrayDeque<>(List.of(ArchivePath.ROOT));
    while (!directories.isEmpty()) {
      for (var entry : tree.list(directories.pop())) {
        if (entry.isDirectory()) {
          directories.push(entry.path());
        } else if (entry.isFile()) {
          newest = OptionalLong.of(Math.max(newest.orElse(Long.MIN_VALUE), entry.mtime()));
        }
      }
    }
    return newest;
  }

  private static SourceEntry ours(SourceEntry entry) {
    var xattrs = new TreeMap<>(entry.xattrs());
    xattrs.keySet().removeIf(name -> !XattrName.isPortable(name));
    return new SourceEntry(
        entry.path(),
        entry.type(),
        entry.mode(),
        0,
        0,
        entry.size(),
        entry.mtime(),
        entry.link(),
        entry.major(),
        entry.minor(),
        xattrs,
        entry.hardLinkKey(),
        entry.origin());
  }

  @Override
  public Optional<SourceEntry> lookup(ArchivePath path) throws IOException {
    return files.lookup(path).map(ContextTree::ours);
  }

  @Override
  public List<SourceEntry> list(ArchivePath directory) throws IOException {
    return files.list(directory).stream().map(ContextTree::ours).toList();
  }

  @Override
  public LaterFile later(SourceEntry file) {
    return files.later(file);
  }

  @Override
  public Digest digest(SourceEntry file) throws IOException {
    return files.digest(file);
  }

  @Override
  public InputStream open(SourceEntry file) throws IOException {
    return files.open(file);
  }
}
