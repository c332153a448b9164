package dev.jbuild.store;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Ext4;
import dev.jbuild.linux.OpenFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// `tmp/<lease>`: what is not whole yet, and what is about to be removed. On the file system of
/// the store, so that everything leaves it by rename. Safe for use by many threads.
final class TempArea {

  private static final int READABLE = 0644;
  private static final int OWNER_ONLY = 0700;

  private final Layout layout;
  private final String id;
  private final Path path;
  private final Directory directory;
  private final AtomicLong last = new AtomicLong();
  private final AtomicBoolean isAsked = new AtomicBoolean(); // whether trees should lie apart

  private TempArea(Layout layout, String id) throws IOException {
    this.layout = layout;
    this.id = id;
    this.path = layout.tmp().resolve(id);
    this.directory = Directory.open(path);
  }

  static TempArea make(Layout layout, String id) throws IOException {
    try (var tmp = Directory.open(layout.tmp())) {
      tmp.makeDirectory(bytes(id), OWNER_ONLY);
    }
    return new TempArea(layout, id);
  }

  Directory directory() {
    return directory;
  }

  /// A name that is free.
  byte[] freshName() {
    return bytes(freshText());
  }

  private String freshText() {
    return Long.toString(last.incrementAndGet());
  }

  /// A new empty directory, 0700, removed with the area.
  Path makeDirectory() throws IOException {
    return makeDirectory(freshText());
  }

  /// The same for a tree of many files.
  ///
  /// When an ext4 without a journal makes a file it passes over every inode that was freed in the
  /// last minutes, from the first of the group of blocks on: where some trees of 5,000 files had
  /// been removed, another took 2 s instead of 0.07. Trees of two builds lie in two groups there.
  /// Elsewhere that would only use parts of the disk that were never written to.
  Path makeTreeDirectory() throws IOException {
    if (!isAsked.getAndSet(true) && Ext4.hasNoJournal(directory)) {
      directory.setApart();
    }
    return makeDirectory(id + "-" + freshText());
  }

  private Path makeDirectory(String name) throws IOException {
    try {
      directory.makeDirectory(bytes(name), OWNER_ONLY);
    } catch (IOException e) {
      throw StoreFailures.unlessFull(e, layout.root());
    }
    return path.resolve(name);
  }

  /// Moves something of the store in here, where it is removed with the area.
  ///
  /// @throws java.nio.file.NoSuchFileException or ENOENT if it is not there
  Path takeAway(Path from) throws IOException {
    try (var parent = Directory.open(from.resolveSibling("."))) {
      return takeAway(parent, String.valueOf(from.getFileName()));
    }
  }

  /// The same for one of many.
  Path takeAway(Directory parent, String from) throws IOException {
    var name = freshText();
    parent.rename(bytes(from), directory, bytes(name));
    return path.resolve(name);
  }

  /// Removes what is in here.
  void remove(Path taken) throws IOException {
    directory.removeTree(bytes(String.valueOf(taken.getFileName())));
  }

  /// Gives `target` this content in one step: a reader sees the old bytes or the new ones.
  ///
  /// Survives a power cut only if `durable`; if not, the file may be found empty or torn then.
  void replace(Path target, byte[] content, Durability durability) throws IOException {
    var name = freshName();
    try (var file = directory.createFile(name, READABLE);
        var parent = Directory.open(target.resolveSibling("."))) {
      file.setMode(READABLE);
      file.write(content, 0, content.length);
      sync(file, durability);
      directory.rename(name, parent, bytes(String.valueOf(target.getFileName())));
      if (durability == Durability.DURABLE) {
        parent.sync();
      }
    } catch (IOException e) {
      discard(name, e);
      throw StoreFailures.unlessFull(e, layout.root());
    }
  }

  /// Whether what is written must survive a power cut.
  enum Durability {
    DURABLE,
    /// It can be made again, and its reader sees whether it is whole.
    FLEETING
  }

  private static void sync(OpenFile file, Durability durability) throws IOException {
    if (durability == Durability.DURABLE) {
      file.sync();
    }
  }

  /// Removes a temporary file after `failure`.
  void discard(byte[] name, IOException failure) {
    try {
      directory.removeTree(name);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /// Removes the area with all that is in it.
  void close() throws IOException {
    directory.close();
    try (var tmp = Directory.open(layout.tmp())) {
      tmp.removeTree(bytes(id));
    }
  }

  static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }
}
