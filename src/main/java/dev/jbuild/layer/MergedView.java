package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarFormatException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The file system that layers make together, known from their indexes alone.
///
/// It is not a union of path strings: a parent that is a link is resolved through what lies below,
/// and a parent that a layer does not name has the metadata that it has below. Links never lead out
/// of the root: this is a tree in memory, there is nothing outside (CVE-2021-29136).
///
/// Grows by [#apply], layer by layer; safe for use by many threads once nothing is applied any
/// more.
public final class MergedView {

  /// As many links as Linux follows in one path.
  private static final int MOST_LINKS = 40;

  private final Node root = Node.directory();

  /// The files that a hard link was made to, whatever became of its names.
  private final Set<Object> linked = new HashSet<>();

  /// A layer as it was put here; the same layer put here again is another one.
  private static final class Placed {
    final Digest diffId;
    final LayerIndex index;

    Placed(Digest diffId, LayerIndex index) {
      this.diffId = diffId;
      this.index = index;
    }
  }

  /// A file, whatever names it has.
  private record File(Placed layer, int record) {}

  /// What a name stands for. No more than where it is described: there may be a million.
  static final class Node {
    /// Null for a directory that no layer names.
    private @Nullable Placed layer;

    /// Where the index of the layer describes it; for a further name of a file, the file.
    private int record;

    private final @Nullable TreeMap<byte[], Node> children;

    private Node(@Nullable Placed layer, int record, boolean isDirectory) {
      this.layer = layer;
      this.record = record;
      this.children = isDirectory ? new TreeMap<>(Arrays::compareUnsigned) : null;
    }

    static Node directory() {
      return new Node(null, 0, true);
    }

    boolean isDirectory() {
      return children != null;
    }

    private boolean isSymlink() {
      return layer != null && layer.index.type(record) == TarEntry.Type.SYMLINK;
    }

    /// All that is known of it.
    ///
    /// @param path where it is
    ViewEntry entry(ArchivePath path) {
      if (layer == null) {
        return new ViewEntry(TarEntry.directory(path, 0755, 0, 0, 0), null, 0, null, this);
      }
      var known = layer.index.entry(record, path);
      Object file = isDirectory() ? this : new File(layer, record);
      return new ViewEntry(known.entry(), layer.diffId, known.offset(), known.digest(), file);
    }
  }

  /// Where a path leads.
  ///
  /// @param path without links in it (the last component's own link excepted, if not followed)
  /// @param entry what is there; empty if nothing is
  public record Place(ArchivePath path, Optional<ViewEntry> entry) {
    public boolean isDirectory() {
      return entry.isPresent() && entry.get().isDirectory();
    }
  }

  /// An empty file system: a root directory, 0755, 0:0.
  public MergedView() {}

  /// What is at `path`, which is taken to have no links in its parents.
  public Optional<ViewEntry> find(ArchivePath path) {
    return Optional.ofNullable(node(path)).map(node -> node.entry(path));
  }

  /// What is in the directory at `path` (no links in it), names by their bytes; nothing if it is no
  /// directory.
  public List<ViewEntry> list(ArchivePath path) {
    var node = node(path);
    if (node == null || node.children == null) {
      return List.of();
    }
    var entries = new ArrayList<ViewEntry>(node.children.size());
    node.children.forEach((name, child) -> entries.add(child.entry(path.child(name))));
    return Collections.unmodifiableList(entries);
  }

  /// Whether there may be files with several names.
  public boolean hasLinkedFiles() {
    return !linked.isEmpty();
  }

  /// Whether the file may have several names; others have one.
  public boolean isLinked(ViewEntry file) {
    return linked.contains(file.file());
  }

  /// Follows the links in `path`, the last component's too if `followLast`, as a process would
  /// whose root this is. What does not exist is kept as it is written.
  ///
  /// @throws TarFormatException if there are too many links, or a file stands where a directory
  ///     must
  public Place resolve(ArchivePath path, boolean followLast) throws TarFormatException {
    return new Walk(path, followLast, false).end();
  }

  /// One walk along a path.
  private final class Walk {
    private final ArchivePath start;
    private final boolean followLast;
    private final boolean pastFiles;
    private final Deque<ArchivePath> ahead = new ArrayDeque<>();
    private final ArrayList<@Nullable Node> passed = new ArrayList<>();
    private ArchivePath at = ArchivePath.ROOT;
    private int links;

    /// @param pastFiles whether a file that stands where a directory must counts as missing
    Walk(ArchivePath start, boolean followLast, boolean pastFiles) {
      this.start = start;
      this.followLast = followLast;
      this.pastFiles = pastFiles;
      push(start.bytes());
      passed.add(root);
    }

    Place end() throws TarFormatException {
      while (step()) {
        // until nothing is left
      }
      return place();
    }

    private boolean step() throws TarFormatException {
      var next = ahead.poll();
      if (next == null) {
        return false;
      }
      if (next.isRoot()) { // stands for ".."
        at = at.parent();
        if (passed.size() > 1) {
          passed.removeLast();
        }
        return true;
      }
      var here = passed.getLast();
      if (here != null && here.children == null && !pastFiles) {
        throw new TarFormatException(at.printable() + " is not a directory");
      }
      var child = here == null || here.children == null ? null : here.children.get(next.bytes());
      if (child != null && child.isSymlink() && (followLast || !ahead.isEmpty())) {
        follow(child.entry(at).entry().link());
      } else {
        at = at.resolve(next);
        passed.add(child);
      }
      return true;
    }

    private void follow(byte[] target) throws TarFormatException {
      if (++links > MOST_LINKS) {
        throw new TarFormatException(start.printable() + ": too many levels of symbolic links");
      }
      if (target.length > 0 && target[0] == '/') {
        at = ArchivePath.ROOT;
        passed.subList(1, passed.size()).clear();
      }
      push(target);
    }

    /// Puts the components of `path` ahead of what is left; `..` becomes the root path.
    private void push(byte[] path) {
      int end = path.length;
      for (int i = path.length - 1; i >= -1; i--) {
        if (i >= 0 && path[i] != '/') {
          continue;
        }
        int length = end - i - 1;
        if (length == 2 && path[i + 1] == '.' && path[i + 2] == '.') {
          ahead.push(ArchivePath.ROOT);
        } else if (length > 0 && !(length == 1 && path[i + 1] == '.')) {
          ahead.push(ArchivePath.of(Arrays.copyOfRange(path, i + 1, end)));
        }
        end = i;
      }
    }

    Place place() {
      var node = passed.getLast();
      return new Place(at, Optional.ofNullable(node).map(found -> found.entry(at)));
    }
  }

  /// Puts a layer on top. What it hides is hidden of the layers below only, wherever in the tar the
  /// whiteouts stand; of its entries the later replaces the earlier, also where a file stands in
  /// the way of a directory (case 8).
  ///
  /// @return what the layer changed, as places in this file system
  /// @throws TarFormatException if the layer is not one that can stand here
  public LayerChange apply(Digest diffId, LayerIndex layer) throws TarFormatException {
    var change = new LayerChange();
    apply(diffId, layer, change);
    return change;
  }

  /// The same for whom what it changes is all one: nothing of it is remembered.
  ///
  /// @throws TarFormatException as [#apply]
  public void stack(Digest diffId, LayerIndex layer) throws TarFormatException {
    apply(diffId, layer, null);
  }

  private void apply(Digest diffId, LayerIndex layer, @Nullable LayerChange change)
      throws TarFormatException {
    hide(layer, change);
    var parents = new HashMap<ArchivePath, Parent>();
    var placed = new Placed(diffId, layer);
    var walk = layer.walk();
    for (var indexed = walk.next(); indexed != null; indexed = walk.next()) {
      put(placed, walk.record(), indexed.entry(), change, parents);
    }
  }

  private void hide(LayerIndex layer, @Nullable LayerChange change) throws TarFormatException {
    if (layer.hidden().isEmpty() && layer.opaque().isEmpty()) {
      return;
    }
    var own = new HashSet<ArchivePath>();
    var walk = layer.walk();
    for (var indexed = walk.next(); indexed != null; indexed = walk.next()) {
      if (indexed.entry().isDirectory()) {
        own.add(indexed.entry().path());
      }
    }
    for (var path : layer.hidden()) {
      if (!replacesWithDirectory(own, path.parent())) {
        remove(placeOf(path), change);
      }
    }
    for (var path : layer.opaque()) {
      if (!replacesWithDirectory(own, path)) {
        empty(path.isRoot() ? path : new Walk(path, true, true).end().path(), change);
      }
    }
  }

  /// Whether the layer itself puts a directory, `path` or one above it, where a link or a file is
  /// below: then whiteouts in it have nothing to hide, above all not where the link leads.
  private boolean replacesWithDirectory(Set<ArchivePath> own, ArchivePath path)
      throws TarFormatException {
    for (var at = path; !at.isRoot(); at = at.parent()) {
      if (own.contains(at)) {
        var below = node(placeOf(at));
        if (below != null && below.children == null) {
          return true;
        }
      }
    }
    return false;
  }

  private void empty(ArchivePath place, @Nullable LayerChange change) {
    var node = node(place);
    if (node == null || node.children == null) {
      return;
    }
    if (place.isRoot()) { // overlay does not look for the mark on a root
      node.children.forEach((name, child) -> removed(change, ArchivePath.of(name), child));
    } else if (change != null) {
      change.setOpaque(place);
    }
    node.children.clear();
  }

  private static void removed(@Nullable LayerChange change, ArchivePath place, Node node) {
    if (change != null) {
      change.removed(place, node.isDirectory());
    }
  }

  private static void placed(@Nullable LayerChange change, ArchivePath place, Node node) {
    if (change != null) {
      change.placed(place, node);
    }
  }

  /// A file system of its own that begins with what is in the directory `path` of this one.
  public MergedView subtree(ArchivePath path) {
    var copy = new MergedView();
    copy.linked.addAll(linked);
    var from = new ArrayDeque<Node>();
    var to = new ArrayDeque<Node>();
    var top = node(path);
    if (top != null && top.children != null) {
      from.add(top);
      to.add(copy.root);
    }
    for (var at = from.poll(); at != null; at = from.poll()) {
      var target = childrenOf(to.remove());
      for (var each : childrenOf(at).entrySet()) {
        var child = each.getValue();
        var moved = new Node(child.layer, child.record, child.isDirectory());
        target.put(each.getKey(), moved);
        if (child.isDirectory()) {
          from.add(child);
          to.add(moved);
        }
      }
    }
    return copy;
  }

  /// Puts a layer on top and says what of it is there afterwards, parents first.
  ///
  /// @throws TarFormatException as [#apply]
  public List<ViewEntry> place(Digest diffId, LayerIndex layer) throws TarFormatException {
    var placed = new ArrayList<ViewEntry>();
    for (var each : apply(diffId, layer).placed().entrySet()) {
      if (holds(each.getKey(), each.getValue())) {
        placed.add(each.getValue().entry(each.getKey()));
      }
    }
    return placed;
  }

  /// Whether `node` is what is at `path`.
  boolean holds(ArchivePath path, Node node) {
    return node(path) == node;
  }

  /// Everything, as if one layer had brought it.
  LayerChange all() {
    var change = new LayerChange();
    var ahead = new ArrayDeque<ArchivePath>();
    for (@Nullable ArchivePath at = ArchivePath.ROOT; at != null; at = ahead.poll()) {
      var node = node(at);
      if (node == null) {
        throw new IllegalStateException(at.printable());
      }
      change.placed(at, node);
      if (node.children != null) {
        for (var name : node.children.keySet()) {
          ahead.add(at.child(name));
        }
      }
    }
    return change;
  }

  private ArchivePath placeOf(ArchivePath path) throws TarFormatException {
    return path.isRoot() ? path : parentOf(path).child(path.name());
  }

  /// Where the directory of the entry `path` is, links followed.
  private ArchivePath parentOf(ArchivePath path) throws TarFormatException {
    try {
      return new Walk(path.parent(), true, true).end().path();
    } catch (TarFormatException e) {
      throw new TarFormatException(path.printable() + ": " + e.getMessage());
    }
  }

  /// A directory that entries of a layer name as their parent.
  private record Parent(ArchivePath place, Map<byte[], Node> children) {}

  private void remove(ArchivePath place, @Nullable LayerChange change) {
    var parent = place.isRoot() ? null : node(place.parent());
    if (parent == null || parent.children == null) {
      return;
    }
    var removed = parent.children.remove(place.name());
    if (removed != null) {
      removed(change, place, removed);
    }
  }

  /// @param parents where directories of the layer were found before, by their path in the layer;
  ///     forgotten when something is replaced
  private void put(
      Placed layer,
      int record,
      TarEntry entry,
      @Nullable LayerChange change,
      Map<ArchivePath, Parent> parents)
      throws TarFormatException {
    if (entry.path().isRoot()) {
      if (!entry.isDirectory()) {
        throw new TarFormatException("the root is an entry that is no directory");
      }
      root.layer = layer;
      root.record = record;
      placed(change, ArchivePath.ROOT, root);
      return;
    }
    var parent = parents.get(entry.path().parent());
    if (parent == null) {
      var at = parentOf(entry.path());
      parent = new Parent(at, directoryAt(at, change));
      parents.clear();
      parents.put(entry.path().parent(), parent);
    }
    var name = entry.path().name();
    var place = parent.place.child(name);
    var existing = parent.children.get(name);
    if (existing != null && entry.isDirectory() && existing.isDirectory()) {
      existing.layer = layer;
      existing.record = record;
      placed(change, place, existing);
      remember(parents, entry.path(), place, existing);
      return;
    }
    var node = made(layer, record, entry);
    if (existing != null) {
      removed(change, place, existing);
      parents.clear();
    }
    parent.children.put(name, node);
    placed(change, place, node);
    remember(parents, entry.path(), place, node);
  }

  private static void remember(
      Map<ArchivePath, Parent> parents, ArchivePath path, ArchivePath place, Node node) {
    if (node.children != null) {
      parents.put(path, new Parent(place, node.children));
    }
  }

  private Node made(Placed layer, int record, TarEntry entry) throws TarFormatException {
    if (entry.type() != TarEntry.Type.HARDLINK) {
      return new Node(layer, record, entry.isDirectory());
    }
    var target = node(placeOf(entry.hardLink()));
    if (target == null || target.isDirectory()) {
      throw new TarFormatException(
          "the hard link "
              + entry.path().printable()
              + " names "
              + entry.hardLink().printable()
              + (target == null ? ", which does not exist" : ", which is a directory"));
    }
    if (target.layer != null) {
      linked.add(new File(target.layer, target.record));
    }
    return new Node(target.layer, target.record, false);
  }

  /// The children of the directory at `place`, in whose path are no links; missing directories are
  /// made, 0755, 0:0, also in the place of files.
  private Map<byte[], Node> directoryAt(ArchivePath place, @Nullable LayerChange change) {
    var known = node(place);
    if (known != null && known.children != null) {
      return known.children;
    }
    var at = ArchivePath.ROOT;
    var children = childrenOf(root);
    for (var name : components(place)) {
      at = at.child(name);
      var child = children.get(name);
      if (child == null || child.children == null) {
        if (child != null) {
          removed(change, at, child);
        }
        child = Node.directory();
        children.put(name, child);
      }
      children = childrenOf(child);
    }
    return children;
  }

  private static Map<byte[], Node> childrenOf(Node directory) {
    var children = directory.children;
    if (children == null) {
      throw new IllegalStateException("not a directory");
    }
    return children;
  }

  private @Nullable Node node(ArchivePath path) {
    var node = root;
    for (var name : components(path)) {
      var child = node.children == null ? null : node.children.get(name);
      if (child == null) {
        return null;
      }
      node = child;
    }
    return node;
  }

  /// The names that `path` is made of.
  private static List<byte[]> components(ArchivePath path) {
    var bytes = path.bytes();
    var names = new ArrayList<byte[]>();
    int start = 0;
    for (int i = 0; i <= bytes.length && bytes.length > 0; i++) {
      if (i == bytes.length || bytes[i] == '/') {
        names.add(Arrays.copyOfRange(bytes, start, i));
        start = i + 1;
      }
    }
    return names;
  }
}
