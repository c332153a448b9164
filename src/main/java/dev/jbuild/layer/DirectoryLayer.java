package dev.jbuild.layer;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.FileType;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/// A whole directory of the machine as a layer, in the fixed order: owners, modes, links, devices
/// and attributes as they are on disk. Links are never followed. Close it after the draft was
/// written.
public final class DirectoryLayer implements AutoCloseable {

  private final TreeCursor tree;
  private final LayerDraft draft;
  private final List<String> warnings = new ArrayList<>();
  private final SortedMap<ArchivePath, FileStat> found = new TreeMap<>();

  /// @param directory is closed with this
  public DirectoryLayer(Directory directory, OptionalLong clamp) {
    this.tree = new TreeCursor(directory);
    this.draft = new LayerDraft(clamp);
  }

  /// The layer; content is read when it is written.
  public LayerDraft draft() throws IOException {
    collect();
    Map<List<Long>, ArchivePath> names = new HashMap<>();
    for (var each : found.entrySet()) {
      var stat = each.getValue();
      var entry = TreeEntry.read(tree, each.getKey(), stat);
      boolean linked = stat.links() > 1 && !entry.isDirectory();
      var first =
          linked ? names.putIfAbsent(List.of(stat.device(), stat.inode()), entry.path()) : null;
      if (first != null) {
        draft.add(TarEntry.hardLink(entry.path(), first, entry), Content.none(), null);
      } else {
        draft.add(entry, entry.isFile() ? () -> open(entry.path()) : Content.none(), null);
      }
    }
    return draft;
  }

  private void collect() throws IOException {
    found.put(ArchivePath.ROOT, tree.at(ArchivePath.ROOT).stat());
    var ahead = new ArrayDeque<ArchivePath>();
    ahead.push(ArchivePath.ROOT);
    while (!ahead.isEmpty()) {
      var path = ahead.pop();
      var here = tree.at(path);
      for (var each : here.list()) {
        var stat = here.stat(each.name());
        var child = path.child(each.name());
        if (stat.isEmpty()) {
          continue;
        }
        if (stat.get().type() == FileType.SOCKET) {
          warnings.add(child.printable() + " is a socket; an image cannot hold it, it is left out");
          continue;
        }
        found.put(child, stat.get());
        if (stat.get().isDirectory()) {
          ahead.push(child);
        }
      }
    }
  }

  private InputStream open(ArchivePath path) throws IOException {
    return tree.at(path.parent()).openFile(path.name()).closingStream();
  }

  /// What was left out, and why.
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  @Override
  public void close() {
    tree.close();
  }
}
