package dev.jbuild.context;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.FileType;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The names in directories of the host. What is left out is not looked at, nothing but directories
/// is opened.
final class HostNames implements ContextSurvey.Names {

  private final HostFiles files;
  private final Optional<FileStat> hidden;

  /// @param hidden a directory that is left out wherever it lies
  HostNames(Directory root, Optional<FileStat> hidden) {
    this.files = new HostFiles(root, StatCache.none(), Optional.empty());
    this.hidden = hidden;
  }

  @Override
  public List<ContextSurvey.Name> in(ArchivePath directory, Predicate<ArchivePath> leftOut)
      throws IOException {
    var names = new ArrayList<ContextSurvey.Name>();
    try (var handle = files.open(directory)) {
      for (var entry : handle.list()) {
        var path = directory.child(entry.name());
        boolean known = entry.type() != FileType.UNKNOWN;
        if (known && (leftOut.test(path) || !isOfInterest(entry.type()))) {
          names.add(name(path, entry.type(), 0, false));
        } else {
          var stat = handle.stat(entry.name());
          stat.ifPresent(
              found -> names.add(name(path, found.type(), found.size(), isHidden(found))));
        }
      }
    }
    return names;
  }

  private boolean isOfInterest(FileType type) {
    return type == FileType.FILE || (type == FileType.DIRECTORY && hidden.isPresent());
  }

  private static ContextSurvey.Name name(
      ArchivePath path, FileType type, long size, boolean barred) {
    return new ContextSurvey.Name(path, type, type == FileType.FILE ? size : 0, barred);
  }

  private boolean isHidden(FileStat stat) {
    return hidden.isPresent()
        && hidden.get().inode() == stat.inode()
        && hidden.get().device() == stat.device();
  }
}
