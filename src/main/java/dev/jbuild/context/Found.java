package dev.jbuild.context;

import dev.jbuild.tar.ArchivePath;

/// A file that a selection found, and the name under which it is copied.
///
/// @param path relative to wherever the selection is copied to
/// @param onlyForBelow whether it is a directory that `--exclude` leaves out, or that `--parents`
///     keeps, and that comes along only because something below it does
public record Found(ArchivePath path, SourceEntry entry, boolean onlyForBelow) {

  /// A file that is copied for its own sake.
  public Found(ArchivePath path, SourceEntry entry) {
    this(path, entry, false);
  }
}
