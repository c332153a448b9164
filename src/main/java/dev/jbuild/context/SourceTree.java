package dev.jbuild.context;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A tree of files that COPY can read: a context, a stage, an image.
///
/// A tree stands still: asked twice it says the same, or fails. Safe for use by many threads. What
/// a person can mend (an unreadable file, a file that changes while it is read) is a
/// [dev.jbuild.failure.BuildFailure] that names the path.
public interface SourceTree {

  /// The entry at `path`; empty if there is none or it is not to be seen. Follows no link, neither
  /// at the end nor on the way: below a link there is nothing. The root always exists.
  Optional<SourceEntry> lookup(ArchivePath path) throws IOException;

  /// What is in the directory `directory`, sorted by [ArchivePath]; nothing if it is no directory.
  List<SourceEntry> list(ArchivePath directory) throws IOException;

  /// The digest of the bytes of a file that this tree gave out.
  Digest digest(SourceEntry file) throws IOException;

  /// Opens a file that this tree gave out. The stream yields exactly `file.size()` bytes, and its
  /// last read fails if they are not the ones that [#digest] told of.
  InputStream open(SourceEntry file) throws IOException;

  /// A file that this tree gave out, for whoever reads it later: of a million files no more is held
  /// than the tree needs to find them again.
  default LaterFile later(SourceEntry file) {
    return new LaterFile.Known(this, file);
  }

  /// The digests of many files, in their order; a tree may compute them side by side.
  default List<Digest> digests(List<SourceEntry> files) throws IOException {
    var digests = new ArrayList<Digest>(files.size());
    for (var file : files) {
      digests.add(digest(file));
    }
    return digests;
  }

  /// The same as the 32 raw bytes of each, which are not to be changed: cheaper for many files.
  default List<byte[]> hashes(List<SourceEntry> files) throws IOException {
    return digests(files).stream().map(Digest::hash).toList();
  }

  /// Is told how much was done, while a tree is looked at for long.
  @FunctionalInterface
  interface Watcher {
    Watcher NOBODY = (_, _) -> {};

    /// @param listed how many files and directories are known
    /// @param read how many files were read to know their digests
    void looked(long listed, long read);
  }

  /// Tells `watcher` from now on, on any thread, and nobody else any more. A tree that is never
  /// long in looking tells nothing.
  default void watch(Watcher watcher) {}

  /// Tells the tree that all below `directory` will be asked for; it may read ahead.
  default void expect(ArchivePath directory) throws IOException {}

  /// Keeps what was learned of the files for the next build. Called when nobody asks for more of
  /// them, and perhaps once more. That it fails is no reason to fail a build.
  default void save() throws IOException {}

  /// The rule because of which an existing `path` is not to be seen, if that is why.
  default Optional<IgnoreRules.Rule> leftOutBy(ArchivePath path) throws IOException {
    return Optional.empty();
  }

  /// Whether there are rules that may hide something.
  default boolean hasRules() {
    return false;
  }

  /// What `path` stands for when links are followed, all inside this tree: an absolute link starts
  /// at its root, `..` stops there. The entry has the path at which it really is.
  ///
  /// @return empty if something on the way is missing or no directory
  /// @throws dev.jbuild.failure.BuildFailure after 40 links (ELOOP)
  default Optional<SourceEntry> resolve(ArchivePath path) throws IOException {
    return new LinkWalk(this).follow(path);
  }
}
