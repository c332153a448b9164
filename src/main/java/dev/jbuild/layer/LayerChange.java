package dev.jbuild.layer;

import dev.jbuild.tar.ArchivePath;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// What one layer changed in a [MergedView], as places without links: what an overlay's lower
/// directory of that layer has to hold.
public final class LayerChange {

  private final SortedMap<ArchivePath, ViewNode> placed = new TreeMap<>();
  private final SortedMap<ArchivePath, Boolean> removed = new TreeMap<>();
  private final Set<ArchivePath> opaque = new HashSet<>();

  LayerChange() {}

  void placed(ArchivePath place, ViewNode node) {
    placed.put(place, node);
  }

  /// Something from below, or from earlier in the layer, is not there any more.
  void removed(ArchivePath place, boolean wasDirectory) {
    removed.merge(place, wasDirectory, Boolean::logicalOr);
    var below = placed.tailMap(place).keySet().iterator();
    while (below.hasNext() && below.next().startsWith(place)) {
      below.remove();
    }
  }

  void setOpaque(ArchivePath place) {
    opaque.add(place);
  }

  /// What the layer put where, parents first.
  SortedMap<ArchivePath, ViewNode> placed() {
    return Collections.unmodifiableSortedMap(placed);
  }

  /// What of the layers below is hidden now, and whether it was a directory.
  Map<ArchivePath, Boolean> removed() {
    return Collections.unmodifiableMap(removed);
  }

  /// Directories of which nothing from below shows any more.
  Set<ArchivePath> opaque() {
    return Collections.unmodifiableSet(opaque);
  }
}
