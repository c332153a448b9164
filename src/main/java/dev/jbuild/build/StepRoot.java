package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.ViewEntry;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.linux.Directory;
import dev.jbuild.sandbox.MountPoint;
import dev.jbuild.store.KeptEntry;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A root file system for a process, made of layers, with a place for what changes. Closed, nothing
/// is left of it but what became a layer.
sealed interface StepRoot extends AutoCloseable permits OverlayRoot, CopiedRoot {

  /// What it is made of: what is below the changes, and the changes of something that was kept.
  MergedView view();

  /// The bytes of a regular file of [#view].
  InputStream content(ViewEntry file) throws IOException;

  /// Where the process finds it, once it is opened.
  Path path();

  /// Makes it usable, also a second time. Until it is closed again nothing may be read of the
  /// changes.
  ///
  /// @param needed what has to exist in it, without being part of the change
  Open open(List<MountPoint> needed) throws IOException;

  /// Writes what changed as a layer, and keeps the files for the steps that come after it. Once
  /// only, when it is no longer open and its processes are gone.
  ///
  /// @param below the chain ID of what is below; null for an empty file system
  /// @param clamp the newest time that anything may have
  /// @return empty if nothing changed
  Optional<WrittenLayer> layer(@Nullable Digest below, OptionalLong clamp) throws IOException;

  /// Where all that changed lies by itself; empty if it is not apart from what was there.
  Optional<Path> changes();

  /// Keeps what changed beyond this process, when it is no longer open and its processes are gone;
  /// nothing becomes a layer any more.
  ///
  /// @param spec for [dev.jbuild.store.Kept]
  /// @param extra directories that are kept beside it, by name; they are moved there
  /// @return empty if changes of such a root cannot be kept
  Optional<KeptEntry> keep(byte[] spec, Map<String, Path> extra) throws IOException;

  @Override
  void close() throws IOException;

  /// Makes the directory `path` in `root`, and its parents, if they are missing: 0755.
  static void makeDirectory(Path root, ArchivePath path) throws IOException {
    try (var directory = Directory.open(root)) {
      makeDirectory(directory, path);
    }
  }

  /// The same in a root that is open.
  static void makeDirectory(Directory root, ArchivePath path) throws IOException {
    if (path.isRoot() || root.resolveStat(path.bytes()).isPresent()) {
      return;
    }
    makeDirectory(root, path.parent());
    try (var parent = root.resolveDirectory(path.parent().bytes())) {
      parent.makeDirectory(path.name(), 0755);
      parent.setMode(path.name(), 0755);
    }
  }

  /// While processes may run in it.
  interface Open extends AutoCloseable {

    /// Makes the directory `path`, which becomes part of the change, and its parents, if they are
    /// missing.
    void makeDirectory(ArchivePath path) throws IOException;

    @Override
    void close() throws IOException;
  }
}
