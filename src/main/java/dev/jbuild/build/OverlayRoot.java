package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.TreeUnpacker;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.Mounts;
import dev.jbuild.sandbox.MountPoint;
import dev.jbuild.store.Store;
import dev.jbuild.store.TreeDraft;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A root file system for a process: an overlay over the trees of layers, with a place for what
/// changes. Closed, nothing is left of it but what was committed.
final class OverlayRoot implements AutoCloseable {

  private final List<Path> trees;
  private final MergedView view;
  private final TreeDraft draft;
  private final TreeDraft points;

  private OverlayRoot(List<Path> trees, MergedView view, TreeDraft draft, TreeDraft points) {
    this.trees = trees;
    this.view = view;
    this.draft = draft;
    this.points = points;
  }

  /// Makes what is needed for a mount: trees that are missing, the top directory.
  static OverlayRoot prepare(
      Store store, LayerReader layers, TreeUnpacker unpacker, List<Digest> diffIds)
      throws IOException {
    requireIds();
    LayerCount.check(diffIds.size());
    var view = layers.view(diffIds);
    var trees = unpacker.trees(diffIds);
    var draft = store.trees().draft();
    try {
      copyRoot(view, draft.fs());
      return new OverlayRoot(trees, view, draft, store.trees().draft());
    } catch (IOException | RuntimeException e) {
      draft.close();
      throw e;
    }
  }

  /// Trees and mounts need root, or the user namespace that the launcher enters.
  ///
  /// @throws BuildFailure that says what keeps this person from it
  private static void requireIds() {
    if (Machine.uid() == 0) {
      return;
    }
    var reason = System.getenv("JBUILD_NO_IDS"); // what the launcher found out
    throw BuildFailure.of(
            BuildFailure.Kind.SANDBOX,
            "no process can be run here: "
                + (reason == null ? "jbuild was not started by its launcher" : reason))
        .hint("COPY, ADD and all other instructions but RUN work without it");
  }

  /// The top of the stack decides what the root directory itself is.
  private static void copyRoot(MergedView view, Path top) throws IOException {
    var entry = view.find(ArchivePath.ROOT).orElseThrow().entry();
    try (var root = Directory.open(top)) {
      root.setOwner(entry.uid(), entry.gid());
      root.setMode(entry.mode());
      root.setTime(entry.mtime(), 0);
    }
  }

  /// What is below the changes.
  MergedView view() {
    return view;
  }

  /// What changed, readable when it is no longer mounted.
  TreeDraft changes() {
    return draft;
  }

  /// Where it is mounted.
  Path target() {
    return points.directory().resolve("root");
  }

  /// Mounts it.
  ///
  /// @param needed what has to exist in it, without being part of the change
  Mounted mount(List<MountPoint> needed) throws IOException {
    try (var directory = Directory.open(points.fs())) {
      new MountPointTree(view, directory).make(needed);
    }
    var lowers = new ArrayList<>(List.of(points.fs()));
    lowers.addAll(trees.reversed());
    Files.createDirectories(target());
    Mounts.overlay(lowers, draft.fs(), draft.work(), target(), Machine.inUserNamespace(), true);
    return new Mounted(target());
  }

  /// While it is mounted. Closing unmounts it.
  static final class Mounted implements AutoCloseable {
    private final Path target;

    private Mounted(Path target) {
      this.target = target;
    }

    /// The directory `path` in it, made with its parents if it is missing.
    void makeDirectory(ArchivePath path) throws IOException {
      try (var root = Directory.open(target)) {
        make(root, path);
      }
    }

    private static void make(Directory root, ArchivePath path) throws IOException {
      if (path.isRoot() || root.resolveStat(path.bytes()).isPresent()) {
        return;
      }
      make(root, path.parent());
      try (var parent = root.resolveDirectory(path.parent().bytes())) {
        parent.makeDirectory(path.name(), 0755);
        parent.setMode(path.name(), 0755);
      }
    }

    @Override
    public void close() throws IOException {
      Mounts.unmount(target);
    }
  }

  @Override
  public void close() throws IOException {
    try (points) {
      draft.close();
    }
  }
}
