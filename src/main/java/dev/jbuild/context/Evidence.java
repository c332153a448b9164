package dev.jbuild.context;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.MountedFileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// By what it is told later, without opening any of them, that files are what they were: inode,
/// size, times, as stat(1) prints them. Any change of a file changes one of these, also that of its
/// mode or owner, and any name that comes or goes those of its directory.
///
/// Not safe for use by many threads.
public final class Evidence {

  /// The longest line of [#stats]: two numbers, two times, four blanks.
  private static final int LONGEST_LINE = 4 * 20 + 2 * 10 + 4;

  private final long openedAt;
  private final LocalFile root;
  private final List<Item> changed = new ArrayList<>();
  private final List<Item> others = new ArrayList<>();
  private boolean isGood = true;
  private int pathBytes;

  private record Item(byte[] path, LocalFile file) {}

  /// Of a context.
  ///
  /// @param openedAt in milliseconds: what changed since then may not be what was seen
  /// @param root the directory itself
  Evidence(long openedAt, SourceEntry root) {
    this.openedAt = openedAt;
    this.root = (LocalFile) root.origin();
    add(root);
  }

  /// Adds a file that was seen after `openedAt`, by its path in the context. On another file system
  /// names may come and go without a trace.
  void add(SourceEntry seen) {
    isGood &= ((LocalFile) seen.origin()).isBeside(root);
    add(seen.path().isRoot() ? new byte[] {'.'} : seen.path().bytes(), (LocalFile) seen.origin());
  }

  private void add(byte[] path, LocalFile file) {
    isGood &= file.isOlderThan(openedAt) && file.isAfter1970();
    put(path, file);
  }

  private void put(byte[] path, LocalFile file) {
    pathBytes += path.length + 1;
    (file.isNew() ? changed : others).add(new Item(path, file));
  }

  /// Adds a file as it is now: if it changed since `openedAt`, or is a link, nothing can be told.
  public void add(Path path) throws IOException {
    var stat = stat(path);
    isGood &= stat.isPresent() && !stat.get().isSymlink();
    stat.ifPresent(now -> add(bytes(path), new LocalFile(now)));
  }

  /// Adds a file of ours that was just written.
  public void addOwn(Path path) throws IOException {
    var stat = stat(path);
    isGood &= stat.isPresent();
    stat.ifPresent(now -> put(bytes(path), new LocalFile(now)));
  }

  /// Adds a directory as it is now, whatever links lead to it: the names in it.
  public void addDirectory(Path path) throws IOException {
    try (var directory = Directory.open(path)) {
      isGood &= MountedFileSystem.of(directory).tellsOfNames();
      add(bytes(path.resolve(".")), new LocalFile(directory.stat()));
    }
  }

  private static Optional<FileStat> stat(Path path) throws IOException {
    try (var parent = Directory.open(path.toAbsolutePath().resolveSibling("."))) {
      return parent.stat(String.valueOf(path.getFileName()).getBytes(StandardCharsets.UTF_8));
    }
  }

  private static byte[] bytes(Path path) {
    return path.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
  }

  /// Whether a later change of any of the files would show.
  public boolean isGood() {
    return isGood;
  }

  /// The paths, a NUL behind each. First those that changed since an earlier build: who works on a
  /// file changes it again, and then the others need not be asked.
  public byte[] paths() {
    var bytes = new byte[pathBytes];
    int at = 0;
    for (var items : List.of(changed, others)) {
      for (var item : items) {
        System.arraycopy(item.path, 0, bytes, at, item.path.length);
        at += item.path.length + 1;
      }
    }
    return bytes;
  }

  /// What `stat -c '%i %s %.9Y %.9Z'` prints of the paths.
  public byte[] stats() {
    var bytes = new byte[Math.multiplyExact(changed.size() + others.size(), LONGEST_LINE)];
    int at = 0;
    for (var items : List.of(changed, others)) {
      for (var item : items) {
        at = item.file.print(bytes, at);
      }
    }
    return Arrays.copyOf(bytes, at);
  }
}
