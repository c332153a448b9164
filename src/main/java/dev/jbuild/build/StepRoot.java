package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.ViewEntry;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.linux.Directory;
import dev.jbuild.sandbox.MountPoint;
import dev.jbuild.store.KeptEntry;
import dev.jbuild.store.Store;
import dev.jbuild.store.TreeDraft;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

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

  /// What changed, for a layer. Once only, when it is no longer open and its processes are gone;
  /// closed by the caller before this is.
  ///
  /// @param clamp the newest time that anything may have
  StepChange change(OptionalLong clamp) throws IOException;

  /// Tells a root that [StepRoots#prepareAbove] made what the layer below has come to; before
  /// anything is read of its own changes.
  void settle(WrittenLayer below) throws IOException;

  /// Removes from what changed the files that hold one of `secrets`, when it is no longer open and
  /// its processes are gone (see [SecretSweep]).
  ///
  /// @return what is to be told of each, printable
  List<String> sweep(Collection<byte[]> secrets) throws IOException;

  /// Keeps what changed beyond this process, when it is no longer open and its processes are gone;
  /// nothing becomes a layer any more.
  ///
  /// @param extra directories that are kept beside it, by name; they are moved there
  KeptEntry keep(Spec spec, Map<String, Path> extra) throws IOException;

  /// Of something that was kept: what was changed since it was opened again, as far as it does not
  /// lie in its files already. When it is no longer open and its processes are gone, once.
  ///
  /// @return layers, the lowest first, that lie above those that it was opened with
  List<Digest> moreLayers() throws IOException;

  /// What is written down of something that is kept, for [dev.jbuild.store.Kept].
  @FunctionalInterface
  interface Spec {

    /// @param changes layers above those of the image, which belong to what changed
    byte[] json(List<Digest> changes) throws IOException;
  }

  @Override
  void close() throws IOException;

  /// Keeps what lies in a draft.
  ///
  /// @param extra as for [#keep]
  static KeptEntry keep(Store store, TreeDraft draft, byte[] spec, Map<String, Path> extra)
      throws IOException {
    for (var directory : extra.entrySet()) {
      Files.move(directory.getValue(), draft.directory().resolve(directory.getKey()));
    }
    return store.kept().keep(draft, spec);
  }

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
