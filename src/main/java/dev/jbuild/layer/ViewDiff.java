package dev.jbuild.layer;

import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/// What has to be put on top of one file system to get another. Both are known from indexes, and
/// nothing is unpacked; the cost follows the number of names.
public final class ViewDiff {

  private final MergedView below;
  private final MergedView wanted;
  private final OpenLayers layers;
  private final TreeMap<ArchivePath, ViewEntry> names = new TreeMap<>();
  private final LayerDraft draft;

  private ViewDiff(MergedView below, MergedView wanted, OpenLayers layers, OptionalLong clamp) {
    this.draft = new LayerDraft(clamp);
    this.below = below;
    this.wanted = wanted;
    this.layers = layers;
  }

  /// The layer that makes `wanted` of `below`. Its files are read from `layers` when it is
  /// written, so these stay open until then.
  ///
  /// @param clamp the newest time that anything may have
  public static LayerDraft between(
      MergedView below, MergedView wanted, OpenLayers layers, OptionalLong clamp) {
    var diff = new ViewDiff(below, wanted, layers, clamp);
    diff.walk();
    diff.write();
    return diff.draft;
  }

  private void walk() {
    var ahead = new ArrayDeque<ArchivePath>();
    for (var at = ArchivePath.ROOT; at != null; at = ahead.poll()) {
      for (var each : wanted.list(at)) {
        names.put(each.entry().path(), each);
        if (each.isDirectory()) {
          ahead.push(each.entry().path());
        }
      }
      if (below.find(at).filter(ViewEntry::isDirectory).isPresent()) {
        for (var lower : below.list(at)) {
          if (wanted.find(lower.entry().path()).isEmpty()) {
            draft.hide(lower.entry().path());
          }
        }
      }
    }
  }

  /// Changed names, all names of a file of which one changed, and the directories that lead to
  /// them.
  private void write() {
    root();
    Set<Object> changed = new HashSet<>();
    names.values().stream().filter(this::isChanged).forEach(each -> changed.add(each.file()));
    Map<Object, ArchivePath> first = new HashMap<>();
    for (var each : names.values()) {
      if (changed.contains(each.file())) {
        var entry = each.entry();
        var known = each.isDirectory() ? null : first.putIfAbsent(each.file(), entry.path());
        if (known == null) {
          draft.add(
              entry, each.isFile() ? () -> layers.content(each) : Content.none(), each.digest());
        } else {
          draft.add(TarEntry.hardLink(entry.path(), known, entry), Content.none(), null);
        }
        parents(entry.path());
      }
    }
    draft.hiddenPaths().forEach(this::parents);
  }

  private void root() {
    var is = wanted.find(ArchivePath.ROOT).orElseThrow().entry();
    var was = below.find(ArchivePath.ROOT).orElseThrow().entry();
    if (is.mode() != was.mode() || is.uid() != was.uid() || is.gid() != was.gid()) {
      draft.add(is, Content.none(), null);
    }
  }

  private boolean isChanged(ViewEntry is) {
    var found = below.find(is.entry().path());
    return found.isEmpty()
        || !Likeness.sameMetadata(is.entry(), found.get().entry())
        || (is.isFile() && !sameContent(is, found.get()));
  }

  private static boolean sameContent(ViewEntry is, ViewEntry was) {
    if (is.digest() != null && was.digest() != null) {
      return is.digest().equals(was.digest());
    }
    return Objects.equals(is.layer(), was.layer()) && is.offset() == was.offset();
  }

  private void parents(ArchivePath path) {
    for (var at = path; !at.isRoot(); ) {
      at = at.parent();
      var directory = names.get(at);
      if (directory == null || draft.find(at).isPresent()) {
        return;
      }
      draft.add(directory.entry(), Content.none(), null);
    }
  }
}
