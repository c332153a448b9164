package dev.jbuild.context;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.FileType;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.OpenFile;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The files below one directory of the host, turned into entries; no rules, no memory.
///
/// Every path is resolved by the kernel inside the directory, and what is opened is compared with
/// what was seen before, so nothing outside can be read even while names are being swapped.
final class HostFiles {

  /// One system call takes 4,095 bytes of path; deeper ones are walked in pieces.
  private static final int LONGEST_PIECE = 4000;

  private static final byte[] NO_LINK = {};

  private final Directory root;
  private final StatCache cache;
  private final Optional<FileStat> hidden;
  private final AtomicBoolean learned = new AtomicBoolean();

  /// @param hidden a directory that is left out wherever it lies
  HostFiles(Directory root, StatCache cache, Optional<FileStat> hidden) {
    this.root = root;
    this.cache = cache;
    this.hidden = hidden;
  }

  /// Whether an entry was made that the cache did not know.
  boolean hasLearned() {
    return learned.get();
  }

  /// A handle of `directory`, which was seen to be one; the caller closes it.
  Directory open(ArchivePath directory) throws IOException {
    try {
      return openPieces(directory.bytes());
    } catch (LinuxException e) {
      throw failure(directory, e);
    }
  }

  private Directory openPieces(byte[] path) throws IOException {
    if (path.length <= LONGEST_PIECE) {
      return path.length == 0 ? root.reopen() : root.resolveDirectory(path);
    }
    var at = root.reopen();
    for (int from = 0; from < path.length; ) {
      int to = Math.min(path.length, from + LONGEST_PIECE);
      while (to < path.length && path[to] != '/') {
        to--;
      }
      try (var above = at) {
        at = above.resolveDirectory(Arrays.copyOfRange(path, from, to));
      }
      from = to + 1;
    }
    return at;
  }

  /// Opens a file for reading; the caller closes it and compares it with [#check].
  OpenFile openFile(SourceEntry file) throws IOException {
    var path = file.path();
    try {
      if (path.length() <= LONGEST_PIECE) {
        return root.resolveFile(path.bytes());
      }
      try (var parent = openPieces(path.parent().bytes())) {
        return parent.openFile(path.name());
      }
    } catch (LinuxException e) {
      throw failure(path, e);
    }
  }

  /// Fails unless `open` is the file that `entry` tells of, unchanged until this moment.
  static void check(SourceEntry entry, OpenFile open) throws IOException {
    if (!((LocalFile) entry.origin()).isSame(new LocalFile(open.stat()))) {
      throw changed(entry.path());
    }
  }

  /// The directory itself.
  SourceEntry rootEntry() throws IOException {
    return described(ArchivePath.ROOT, root.stat(), root, null);
  }

  /// The entry at `path`, whose parent was seen to be a directory.
  Optional<SourceEntry> entry(ArchivePath path) throws IOException {
    try (var parent = open(path.parent())) {
      return entry(parent, path, path.name());
    }
  }

  /// The entry called `name` in the open directory `in`; empty if it is gone or cannot be copied.
  Optional<SourceEntry> entry(Directory in, ArchivePath path, byte[] name) throws IOException {
    try {
      var stat = in.stat(name);
      if (stat.isEmpty() || isHidden(stat.get())) {
        return Optional.empty();
      }
      return Optional.of(described(path, stat.get(), in, name));
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty(); // a link that went between its stat and its reading
      }
      throw failure(path, e);
    }
  }

  /// Whether there is a directory at `path`, whose parent was seen to be one, or it cannot be told.
  boolean mayBeDirectory(ArchivePath path) {
    try (var parent = open(path.parent())) {
      return parent.stat(path.name()).filter(s -> s.type() == FileType.DIRECTORY).isPresent();
    } catch (IOException | BuildFailure e) {
      return true;
    }
  }

  private boolean isHidden(FileStat stat) {
    return hidden.isPresent()
        && hidden.get().inode() == stat.inode()
        && hidden.get().device() == stat.device();
  }

  /// @param name in `in`; null if it is `in` itself
  private SourceEntry described(
      ArchivePath path, FileStat stat, Directory in, byte @Nullable [] name) throws IOException {
    var type = typeOf(path, stat);
    var local = new LocalFile(stat);
    SortedMap<String, byte[]> xattrs = Collections.emptySortedMap();
    if (!local.isSocket() && (type == TarEntry.Type.FILE || type == TarEntry.Type.DIRECTORY)) {
      var known = cache.find(path, local);
      xattrs = known == null ? readXattrs(in, name) : known.xattrs();
      if (known == null) {
        learned.set(true);
        local.setNew();
      } else if (known.hash() != null) {
        local.setHash(known.hash());
      }
    }
    boolean linked = stat.type() == FileType.FILE && stat.links() > 1;
    return new SourceEntry(
        path,
        type,
        stat.permissions(),
        0,
        0,
        stat.type() == FileType.FILE ? stat.size() : 0,
        stat.mtime(),
        type == TarEntry.Type.SYMLINK && name != null ? in.readLink(name) : NO_LINK,
        stat.rdevMajor(),
        stat.rdevMinor(),
        xattrs,
        linked ? Optional.of(new HardLinkKey(stat.device(), stat.inode())) : Optional.empty(),
        local);
  }

  private static TarEntry.Type typeOf(ArchivePath path, FileStat stat) {
    return switch (stat.type()) {
      case FILE, SOCKET -> TarEntry.Type.FILE; // docker build copies sockets so too
      case DIRECTORY -> TarEntry.Type.DIRECTORY;
      case SYMLINK -> TarEntry.Type.SYMLINK;
      case CHARACTER -> TarEntry.Type.CHARACTER;
      case BLOCK -> TarEntry.Type.BLOCK;
      case FIFO -> TarEntry.Type.FIFO;
      case UNKNOWN ->
          throw BuildFailure.of(
              BuildFailure.Kind.CONTEXT, path.printable() + " is of a kind that no image can hold");
    };
  }

  private static SortedMap<String, byte[]> readXattrs(Directory in, byte @Nullable [] name)
      throws IOException {
    SortedMap<String, byte[]> all;
    try {
      all = name == null ? in.xattrs() : in.xattrs(name);
    } catch (LinuxException e) {
      if (e.is(Errno.EACCES) || e.is(Errno.EPERM) || e.is(Errno.EOPNOTSUPP)) {
        return Collections.emptySortedMap(); // whoever opens the file is told
      }
      throw e;
    }
    if (all.isEmpty()) {
      return all;
    }
    var kept = new TreeMap<String, byte[]>();
    all.forEach(
        (attribute, value) -> {
          if (attribute.startsWith("user.") || attribute.equals("security.capability")) {
            kept.put(attribute, value);
          }
        });
    return kept;
  }

  static BuildFailure changed(ArchivePath path) {
    return BuildFailure.of(
            BuildFailure.Kind.CONTEXT, path.printable() + " changed while being read")
        .hint("wait until nothing writes to it any more, or leave it out in .dockerignore");
  }

  private static BuildFailure failure(ArchivePath path, LinuxException why) {
    return switch (why.errno()) {
      case ENOENT, ENOTDIR, ELOOP, EISDIR, ESTALE -> changed(path);
      case EACCES, EPERM ->
          unreadable(path, why).hint("make it readable, or leave it out in .dockerignore");
      default -> unreadable(path, why);
    };
  }

  private static BuildFailure unreadable(ArchivePath path, LinuxException why) {
    var name = path.isRoot() ? "the context" : path.printable();
    return BuildFailure.of(
        BuildFailure.Kind.CONTEXT, name + " cannot be read: " + why.errno().text(), why);
  }
}
