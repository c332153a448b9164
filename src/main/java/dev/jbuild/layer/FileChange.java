package dev.jbuild.layer;

import dev.jbuild.tar.ArchivePath;
import java.util.List;

/// One difference between two file systems.
///
/// @param before the bytes of the file as it was, all that was in it for a directory that went; 0
///     for what holds none
/// @param after the bytes of the file as it is
/// @param what differs, in words, of a name that is in both: `content`, `mode 0644 -> 0755`
public record FileChange(Kind kind, ArchivePath path, long before, long after, List<String> what) {

  /// What became of a name.
  public enum Kind {
    ADDED,
    CHANGED,
    DELETED
  }

  public FileChange {
    what = List.copyOf(what);
  }
}
