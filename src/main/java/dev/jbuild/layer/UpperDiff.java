package dev.jbuild.layer;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.FileType;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a step changed: an overlay's upper directory read as a layer.
///
/// Only the upper is walked, so the cost follows the change and never the image. What is equal to
/// what is below, in metadata and content, is left out, unless something below it or another name
/// of it is written. A whiteout is made only for what exists below; an opaque directory becomes
/// whiteouts of what is below in it (image-spec, layer.md: SHOULD). Times become whole seconds,
/// clamped, on disk too: the upper becomes the tree of its place, and the next step must see what
/// it would see had the layer been unpacked.
///
/// The step's processes must be gone. Close it after the draft was written.
public final class UpperDiff implements AutoCloseable {

  /// A name in the upper directory that could go into the layer.
  private record Name(TarEntry entry, long inode, boolean changed) {}

  private final TreeCursor upper;
  private final MergedView below;
  private final LayerReader layers;
  private final OptionalLong clamp;
  private final OverlayMarks marks = new OverlayMarks();

  private final SortedMap<ArchivePath, Name> names = new TreeMap<>();
  private final LayerDraft draft;
  private final Deque<Visit> ahead = new ArrayDeque<>();

  private record Visit(ArchivePath path, boolean hidesBelow) {}

  /// @param upper is closed with this
  public UpperDiff(Directory upper, MergedView below, LayerReader layers, OptionalLong clamp) {
    this.upper = new TreeCursor(upper);
    this.below = below;
    this.layers = layers;
    this.clamp = clamp;
    this.draft = new LayerDraft(clamp);
  }

  /// The layer; its content is read from the upper directory when it is written.
  public LayerDraft changes() throws IOException {
    root();
    ahead.push(new Visit(ArchivePath.ROOT, false));
    while (!ahead.isEmpty()) {
      var visit = ahead.pop();
      directory(visit.path, visit.hidesBelow);
    }
    writeNames();
    return draft;
  }

  private long rootTime() {
    return below.find(ArchivePath.ROOT).orElseThrow().entry().mtime();
  }

  private void root() throws IOException {
    var root = upper.at(ArchivePath.ROOT);
    var stat = root.stat();
    var was = below.find(ArchivePath.ROOT).orElseThrow().entry();
    root.setTime(was.mtime(), 0);
    var now =
        TarEntry.directory(
            ArchivePath.ROOT,
            stat.permissions(),
            Integer.toUnsignedLong(stat.uid()),
            Integer.toUnsignedLong(stat.gid()),
            was.mtime());
    if (now.mode() != was.mode() || now.uid() != was.uid() || now.gid() != was.gid()) {
      names.put(ArchivePath.ROOT, new Name(now, 0, true));
    }
  }

  private void directory(ArchivePath path, boolean hidesBelow) throws IOException {
    var here = upper.at(path);
    var present = new HashSet<ArchivePath>();
    boolean removed = false;
    for (var each : here.list()) {
      var child = path.child(each.name());
      var stat = here.stat(each.name()).orElse(null);
      if (stat == null) {
        continue;
      }
      if (OverlayMarks.isHidden(stat)) {
        if (below.find(child).isPresent()) {
          draft.hide(child);
        }
      } else if (stat.type() == FileType.SOCKET) {
        here.unlink(each.name()); // no tar can hold it, so no later step may see it
        removed = true;
      } else {
        present.add(child);
        name(here, child, stat, hidesBelow);
      }
    }
    if (removed) {
      var known = names.get(path);
      here.setTime(known == null ? rootTime() : known.entry.mtime(), 0);
    }
    if (hidesBelow) {
      for (var lower : below.list(path)) {
        if (!present.contains(lower.entry().path())) {
          draft.hide(lower.entry().path());
        }
      }
    }
  }

  private void name(Directory here, ArchivePath path, FileStat stat, boolean hidesBelow)
      throws IOException {
    settleTime(here, path, stat);
    var xattrs = here.xattrs(path.name());
    var entry =
        TreeEntry.of(upper, path, stat, OverlayMarks.portable(xattrs))
            .withMtime(settled(stat.mtime()));
    var was = below.find(path);
    boolean changed =
        was.isEmpty()
            || !LayerReader.sameMetadata(entry, was.get().entry())
            || (entry.isFile() && !sameContent(here, path, was.get()));
    names.put(path, new Name(entry, stat.links() > 1 ? stat.inode() : 0, changed));
    if (entry.isDirectory()) {
      boolean opaque = hidesBelow || marks.isOpaque(xattrs);
      ahead.push(new Visit(path, opaque));
    }
  }

  private void settleTime(Directory here, ArchivePath path, FileStat stat) throws IOException {
    long settled = settled(stat.mtime());
    if (stat.mtimeNanos() != 0 || settled != stat.mtime()) {
      here.setTime(path.name(), settled, 0);
    }
  }

  private long settled(long mtime) {
    return clamp.isPresent() ? Math.min(mtime, clamp.getAsLong()) : mtime;
  }

  private boolean sameContent(Directory here, ArchivePath path, ViewEntry was) throws IOException {
    if (was.entry().size() == 0) {
      return true;
    }
    var mine = new byte[1 << 16];
    try (var file = here.openFile(path.name());
        var now = file.inputStream();
        var before = layers.content(was)) {
      while (true) {
        int n = now.readNBytes(mine, 0, mine.length);
        var theirs = before.readNBytes(mine.length);
        if (n != theirs.length || !Arrays.equals(mine, 0, n, theirs, 0, n)) {
          return false;
        }
        if (n < mine.length) {
          return true;
        }
      }
    }
  }

  /// Decides what is written: changed names, all names of a file of which one changed, and the
  /// directories that lead to them.
  private void writeNames() {
    Map<Long, Boolean> changedFiles = new HashMap<>();
    for (var name : names.values()) {
      if (name.inode != 0 && !name.entry.isDirectory()) {
        changedFiles.merge(name.inode, name.changed, Boolean::logicalOr);
      }
    }
    Map<Long, ArchivePath> first = new HashMap<>();
    for (var name : List.copyOf(names.values())) {
      boolean linked = name.inode != 0 && !name.entry.isDirectory();
      if (linked ? changedFiles.getOrDefault(name.inode, false) : name.changed) {
        var known = linked ? first.putIfAbsent(name.inode, name.entry.path()) : null;
        write(known == null ? name.entry : TarEntry.hardLink(name.entry.path(), known, name.entry));
      }
    }
    draft.hiddenPaths().forEach(this::writeParents);
  }

  private void write(TarEntry entry) {
    draft.add(entry, entry.isFile() ? () -> open(entry.path()) : Content.NONE, null);
    writeParents(entry.path());
  }

  private void writeParents(ArchivePath path) {
    for (var at = path; !at.isRoot(); ) {
      at = at.parent();
      var name = names.get(at);
      if (name == null || draft.find(at).isPresent()) {
        return;
      }
      draft.add(name.entry, Content.NONE, null);
    }
  }

  private InputStream open(ArchivePath path) throws IOException {
    var file = upper.at(path.parent()).openFile(path.name());
    return new FilterInputStream(file.inputStream()) {
      @Override
      public void close() {
        file.close();
      }
    };
  }

  @Override
  public void close() {
    upper.close();
  }
}
