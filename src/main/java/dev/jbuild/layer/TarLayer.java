package dev.jbuild.layer;

import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarFormatException;
import dev.jbuild.tar.TarLimits;
import dev.jbuild.tar.TarReader;
import dev.jbuild.tar.XattrName;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/// A stranger's tar of a root file system becomes a layer of ours: headers are written anew, in the
/// archive's own order, in one pass over the stream.
///
/// Only an archive with a name twice, or a directory after its content, is passed a second time,
/// out of the layer that the first pass wrote: the last of a name wins, with a warning, and the
/// layer is in the fixed order of ours.
public final class TarLayer {

  private final Store store;
  private final OptionalLong clamp;
  private final List<String> warnings = new ArrayList<>();

  private final Set<ArchivePath> seen = new HashSet<>();
  private final Set<ArchivePath> parents = new HashSet<>();

  /// What is neither a directory nor a link to one.
  private final Set<ArchivePath> leaves = new HashSet<>();
  private boolean irregular;

  /// @param clamp the newest time that any entry may have
  public TarLayer(Store store, OptionalLong clamp) {
    this.store = store;
    this.clamp = clamp;
  }

  /// Reads the tar, compressed or not, to its end.
  ///
  /// @throws TarFormatException if it is not one that can be a root file system
  public WrittenLayer write(InputStream source) throws IOException {
    WrittenLayer written;
    try (var plain = Compression.decompressAny(source, TarLimits.DEFAULT);
        var writer = new LayerWriter(store)) {
      var tar = new TarReader(plain, TarLimits.DEFAULT);
      for (var entry = tar.next(); entry != null; entry = tar.next()) {
        note(entry);
        writer.add(rewritten(entry), tar::content, null);
      }
      written = writer.finish();
    }
    if (irregular) {
      written = again(written);
    }
    // Proves that the layer can stand on its own: links and parents are what they must be.
    new MergedView().stack(written.diffId(), written.index());
    return written;
  }

  /// What a person should know of the archive.
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  private void note(TarEntry entry) throws TarFormatException {
    var path = entry.path();
    for (var at = path; !at.isRoot(); at = at.parent()) {
      if (Whiteout.isMarker(at.name())) {
        throw new TarFormatException(
            path.printable() + " is a name that no image can have (.wh. means deleted files)");
      }
    }
    if (path.isRoot() && !entry.isDirectory()) {
      throw new TarFormatException("the root is an entry that is no directory"); // CVE-2021-29136
    }
    if (!seen.add(path)) {
      irregular = true;
      warnings.add(path.printable() + " stands in the archive more than once; the last one counts");
    } else if (parents.contains(path)) {
      irregular = true;
    }
    if (!entry.isDirectory() && entry.type() != TarEntry.Type.SYMLINK) {
      leaves.add(path);
    }
    for (var at = path; !at.isRoot() && parents.add(at.parent()); at = at.parent()) {
      irregular |= leaves.contains(at.parent());
    }
  }

  private TarEntry rewritten(TarEntry entry) {
    var xattrs = new TreeMap<>(entry.xattrs());
    xattrs.keySet().removeIf(name -> !XattrName.isPortable(name));
    long mtime = clamp.isPresent() ? Math.min(entry.mtime(), clamp.getAsLong()) : entry.mtime();
    return new TarEntry(
        entry.path(),
        entry.type(),
        entry.mode(),
        entry.uid(),
        entry.gid(),
        entry.size(),
        mtime,
        entry.link(),
        entry.hardLink(),
        entry.major(),
        entry.minor(),
        xattrs);
  }

  /// The second pass: what the entries of the first come to when they are put one over the other.
  private WrittenLayer again(WrittenLayer first) throws IOException {
    var view = new MergedView();
    view.stack(first.diffId(), first.index());
    var draft = new LayerDraft(clamp);
    Map<Object, ArchivePath> names = new HashMap<>();
    try (var plain = new LayerReader(store).plain(first.diffId())) {
      for (var each : view.all().placed().entrySet()) {
        var file = each.getValue().entry(each.getKey());
        var entry = file.entry();
        var earlier = file.isDirectory() ? null : names.putIfAbsent(file.file(), entry.path());
        if (earlier != null) {
          draft.add(TarEntry.hardLink(entry.path(), earlier, entry), Content.none(), null);
        } else if (file.layer() != null) { // else no entry named it
          Content content = () -> PlainTar.content(plain, file, false);
          draft.add(entry, file.isFile() ? content : Content.none(), null);
        }
      }
      return draft.write(store);
    }
  }
}
