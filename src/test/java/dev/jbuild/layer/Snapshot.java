package dev.jbuild.layer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// All that can be said of a file system, as lines of text: equal file systems have equal lines.
final class Snapshot {

  private final boolean times;
  private final List<String> lines = new ArrayList<>();
  private final Map<Object, List<ArchivePath>> names = new HashMap<>();

  private Snapshot(boolean times) {
    this.times = times;
  }

  /// Of a directory on disk.
  static String ofDisk(Path directory, boolean times) throws IOException {
    var snapshot = new Snapshot(times);
    try (var tree = new TreeCursor(Directory.open(directory))) {
      var root = tree.at(ArchivePath.ROOT).stat();
      snapshot.add(TreeEntry.read(tree, ArchivePath.ROOT, root), root.inode(), null);
      var ahead = new ArrayDeque<>(List.of(ArchivePath.ROOT));
      while (!ahead.isEmpty()) {
        var path = ahead.pop();
        for (var each : tree.at(path).list()) {
          var child = path.child(each.name());
          var stat = tree.at(path).stat(each.name()).orElseThrow();
          var entry = TreeEntry.read(tree, child, stat);
          if (entry.isDirectory()) {
            ahead.add(child);
            snapshot.add(entry, stat.inode(), null);
          } else if (entry.isFile()) {
            try (var file = tree.at(path).openFile(each.name())) {
              snapshot.add(entry, stat.inode(), file.inputStream());
            }
          } else {
            snapshot.add(entry, stat.inode(), null);
          }
        }
      }
    }
    return snapshot.text();
  }

  /// Of layers put together in memory.
  static String ofView(MergedView view, LayerReader layers) throws IOException {
    var snapshot = new Snapshot(true);
    var root = view.find(ArchivePath.ROOT).orElseThrow();
    snapshot.add(root.entry(), root.file(), null);
    var ahead = new ArrayDeque<>(List.of(ArchivePath.ROOT));
    while (!ahead.isEmpty()) {
      for (var each : view.list(ahead.pop())) {
        if (each.isDirectory()) {
          ahead.add(each.entry().path());
        }
        try (var content = each.isFile() ? layers.content(each) : InputStream.nullInputStream()) {
          snapshot.add(each.entry(), each.file(), each.isFile() ? content : null);
        }
      }
    }
    return snapshot.text();
  }

  private void add(TarEntry entry, Object file, @Nullable InputStream content) throws IOException {
    if (!entry.isDirectory()) {
      names.computeIfAbsent(file, _ -> new ArrayList<>()).add(entry.path());
    }
    var xattrs =
        entry.xattrs().entrySet().stream()
            .map(each -> each.getKey() + "=" + new String(each.getValue(), UTF_8))
            .collect(Collectors.joining(","));
    lines.add(
        "%s %s %o %d:%d %d %s \"%s\" %d:%d [%s] %s"
            .formatted(
                entry.path(),
                entry.type(),
                entry.mode(),
                entry.uid(),
                entry.gid(),
                entry.size(),
                times ? entry.mtime() : "-",
                new String(entry.link(), UTF_8),
                entry.major(),
                entry.minor(),
                xattrs,
                content == null ? "" : Digest.of(content.readAllBytes()).hex().substring(0, 12)));
  }

  private String text() {
    names.values().stream()
        .filter(each -> each.size() > 1)
        .map(each -> "linked: " + each.stream().sorted().map(Objects::toString).toList())
        .forEach(lines::add);
    return lines.stream().sorted().collect(Collectors.joining("\n"));
  }
}
