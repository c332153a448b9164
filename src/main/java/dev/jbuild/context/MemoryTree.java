package dev.jbuild.context;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// A small tree that is held in memory: the here-documents of a COPY. Immutable.
public final class MemoryTree implements SourceTree {

  /// One file of it, owned by root.
  ///
  /// @param mode the permission bits
  /// @param mtime seconds since the epoch
  /// @param content not to be changed
  public record File(ArchivePath path, int mode, long mtime, byte[] content) {}

  private final TreeMap<ArchivePath, SourceEntry> entries = new TreeMap<>();

  /// A tree of `files`; of two with one path the last counts. The directories above them are 0755
  /// and as new as the newest of all files.
  ///
  /// @throws IllegalArgumentException if one file would lie inside of another
  public MemoryTree(List<File> files) {
    long newest = files.stream().mapToLong(File::mtime).max().orElse(0);
    entries.put(ArchivePath.ROOT, SourceEntry.directory(ArchivePath.ROOT, 0755, newest));
    for (var file : files) {
      for (var above = file.path.parent(); !above.isRoot(); above = above.parent()) {
        entries.putIfAbsent(above, SourceEntry.directory(above, 0755, newest));
      }
      entries.put(
          file.path,
          SourceEntry.file(file.path, file.mode, file.content.length, file.mtime, file.content));
    }
    for (var path : entries.keySet()) {
      if (lookup(path.parent()).filter(SourceEntry::isDirectory).isEmpty()) {
        throw new IllegalArgumentException(path.printable() + " lies in a file");
      }
    }
  }

  @Override
  public Optional<SourceEntry> lookup(ArchivePath path) {
    return Optional.ofNullable(entries.get(path));
  }

  @Override
  public List<SourceEntry> list(ArchivePath directory) {
    var found = new ArrayList<SourceEntry>();
    for (var entry : entries.tailMap(directory, false).values()) {
      if (!entry.path().startsWith(directory)) {
        break;
      }
      if (entry.path().parent().equals(directory)) {
        found.add(entry);
      }
    }
    return found;
  }

  @Override
  public Digest digest(SourceEntry file) {
    return Digest.of((byte[]) file.origin());
  }

  @Override
  public InputStream open(SourceEntry file) {
    return new ByteArrayInputStream((byte[]) file.origin());
  }
}
