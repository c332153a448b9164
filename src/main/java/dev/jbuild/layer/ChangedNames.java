package dev.jbuild.layer;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The names that a step may have changed, and which of them its layer has to hold: those that
/// differ in metadata or content from what is below, all names of a file of which one differs, and
/// the directories that lead to them. Times on disk become what the layer says.
final class ChangedNames {

  /// A name on disk that could go into the layer.
  private record Name(TarEntry entry, long inode, boolean changed) {}

  private final TreeCursor tree;
  private final MergedView below;
  private final LayerReader layers;
  private final OptionalLong clamp;
  private final LayerDraft draft;
  private final SortedMap<ArchivePath, Name> names = new TreeMap<>();

  ChangedNames(
      TreeCursor tree, MergedView below, LayerReader layers, OptionalLong clamp, LayerDraft draft) {
    this.tree = tree;
    this.below = below;
    this.layers = layers;
    this.clamp = clamp;
    this.draft = draft;
  }

  /// Looks at the root directory, which no name stands for.
  void root() throws IOException {
    var root = tree.at(ArchivePath.ROOT);
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

  private long rootTime() {
    return below.find(ArchivePath.ROOT).orElseThrow().entry().mtime();
  }

  /// Looks at a name.
  ///
  /// @param here its directory
  TarEntry add(Directory here, ArchivePath path, FileStat stat, SortedMap<String, byte[]> xattrs)
      throws IOException {
    var asIs = TreeEntry.of(tree, path, stat, OverlayMarks.portable(xattrs));
    var was = below.find(path);
    boolean same = was.isPresent() && isSame(here, asIs, stat, was.get());
    boolean untouched = same && stat.mtimeNanos() == 0 && stat.mtime() == mtime(was.get());
    var entry = untouched ? asIs : asIs.withMtime(settled(stat.mtime()));
    if (!untouched) {
      settleTime(here, path, stat);
    }
    names.put(path, new Name(entry, stat.links() > 1 ? stat.inode() : 0, !same));
    return entry;
  }

  /// Whether it is what is below, as it stands or once its time is settled. Content is read only
  /// where nothing else differs.
  private boolean isSame(Directory here, TarEntry now, FileStat stat, ViewEntry was)
      throws IOException {
    long before = mtime(was);
    boolean sameTime =
        (stat.mtimeNanos() == 0 && stat.mtime() == before) || settled(stat.mtime()) == before;
    return sameTime
        && Likeness.sameMetadata(now.withMtime(before), was.entry())
        && (!now.isFile() || sameContent(here, now.path(), was));
  }

  private static long mtime(ViewEntry was) {
    return was.entry().mtime();
  }

  /// Gives a directory in which something was removed the time back that its entry says.
  void settleTimeAgain(Directory here, ArchivePath path) throws IOException {
    var known = names.get(path);
    here.setTime(known == null ? rootTime() : known.entry.mtime(), 0);
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
    try (var file = here.openFile(path.name());
        var now = file.inputStream();
        var before = layers.content(was)) {
      return Likeness.sameBytes(now, before);
    }
  }

  /// Decides what is written: changed names, all names of a file of which one changed, and the
  /// directories that lead to them.
  void write() throws IOException {
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
    for (var hidden : draft.hiddenPaths()) {
      writeParents(hidden);
    }
  }

  private void write(TarEntry entry) throws IOException {
    settleWritten(entry);
    // Made for directories too: then it is in the snapshot of a rehearsal whose steps make no
    // files.
    Content content = () -> open(entry.path());
    draft.add(entry, entry.isFile() ? content : Content.none(), null);
    writeParents(entry.path());
  }

  private void writeParents(ArchivePath path) throws IOException {
    for (var at = path; !at.isRoot(); ) {
      at = at.parent();
      var name = names.get(at);
      var entry = name != null ? name.entry : below(at);
      if (entry == null || draft.find(at).isPresent()) {
        return;
      }
      settleWritten(entry);
      draft.add(entry, Content.none(), null);
    }
  }

  /// What is written only since something else is, has the time on disk that the layer says, too.
  private void settleWritten(TarEntry entry) throws IOException {
    var path = entry.path();
    if (!path.isRoot() && settled(entry.mtime()) != entry.mtime()) {
      tree.at(path.parent()).setTime(path.name(), settled(entry.mtime()), 0);
    }
  }

  /// A directory that nobody changed; null for the root, which needs no entry.
  private @Nullable TarEntry below(ArchivePath path) {
    return path.isRoot() ? null : below.find(path).map(ViewEntry::entry).orElse(null);
  }

  private InputStream open(ArchivePath path) throws IOException {
    return tree.at(path.parent()).openFile(path.name()).closingStream();
  }
}
