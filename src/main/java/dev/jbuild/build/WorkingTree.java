package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.TreeAdvance;
import dev.jbuild.layer.TreeCopy;
import dev.jbuild.layer.TreeStamps;
import dev.jbuild.linux.Directory;
import dev.jbuild.store.Store;
import dev.jbuild.store.TreeDraft;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A directory with a whole file system in it, which goes on from step to step. Not for several
/// threads at once.
final class WorkingTree implements AutoCloseable {

  private final TreeDraft draft;
  private final Set<ArchivePath> leftOut = new HashSet<>();
  private List<Digest> diffIds = List.of();
  private TreeStamps stamps;

  private WorkingTree(TreeDraft draft, TreeStamps stamps) {
    this.draft = draft;
    this.stamps = stamps;
  }

  /// An empty one.
  static WorkingTree make(Store store) throws IOException {
    var draft = store.trees().draft();
    try {
      return new WorkingTree(draft, stamps(draft));
    } catch (IOException | RuntimeException e) {
      draft.close();
      throw e;
    }
  }

  private static TreeStamps stamps(TreeDraft draft) throws IOException {
    try (var beside = Directory.open(draft.directory())) {
      return TreeStamps.take(Directory.open(draft.fs()), beside);
    }
  }

  /// The layers that it holds.
  List<Digest> diffIds() {
    return diffIds;
  }

  /// Whether `wanted` is what it holds, with or without more on top.
  boolean leadsTo(List<Digest> wanted) {
    return diffIds.size() <= wanted.size() && wanted.subList(0, diffIds.size()).equals(diffIds);
  }

  /// Writes into it what it lacks of `wanted`, to which it leads.
  void advance(List<Digest> wanted, LayerReader layers) throws IOException {
    var more = wanted.subList(diffIds.size(), wanted.size());
    if (more.isEmpty()) {
      return;
    }
    leftOut.addAll(new TreeAdvance(layers).advance(fs(), diffIds, more));
    diffIds = List.copyOf(wanted);
    stamps = stamps(draft);
  }

  /// Another tree with the same files, which share their blocks with this one's.
  ///
  /// @return empty where the file system shares none
  Optional<WorkingTree> shared(Store store) throws IOException {
    var copy = store.trees().draft();
    try (var files = new TreeCopy(Directory.open(fs()), Directory.open(copy.fs()))) {
      if (files.share()) {
        var made = new WorkingTree(copy, stamps(copy));
        made.diffIds = diffIds;
        made.leftOut.addAll(leftOut);
        return Optional.of(made);
      }
    } catch (IOException | RuntimeException e) {
      copy.close();
      throw e;
    }
    copy.close();
    return Optional.empty();
  }

  /// Notes that what a step changed in it is a layer now.
  void became(List<Digest> now, TreeStamps after) {
    diffIds = List.copyOf(now);
    stamps = after;
  }

  TreeStamps stamps() {
    return stamps;
  }

  /// What its layers have and the tree lacks.
  Set<ArchivePath> leftOut() {
    return leftOut;
  }

  Path fs() {
    return draft.fs();
  }

  /// What is there is no part of the file system.
  Path beside() {
    return draft.directory();
  }

  /// Removes it.
  @Override
  public void close() throws IOException {
    draft.close();
  }
}
