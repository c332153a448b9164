package dev.jbuild.serve;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// The files of a data directory, and the ways in which they change: each is durable when the
/// method returns, and whole or absent at any moment before. Safe for use by many threads of the
/// one process that has the directory's lock.
final class DataFiles implements AutoCloseable {

  private static final String FORMAT = "jbuild registry 1\n";

  private final Path root;
  private final FileChannel lockFile;
  private final FileLock lock;
  private final AtomicLong last = new AtomicLong();

  private DataFiles(Path root, FileChannel lockFile, FileLock lock) {
    this.root = root;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /// Opens a data directory; makes one where nothing or an empty directory is.
  ///
  /// @throws BuildFailure if it is something else, of another format, or served already
  static DataFiles open(Path root) throws IOException {
    make(root);
    var format = root.resolve("format");
    if (!Files.exists(format) && !isFresh(root)) {
      throw BuildFailure.of(
              BuildFailure.Kind.REGISTRY,
              Printable.of(root.toString()) + " holds other things than a registry's data")
          .hint("name an empty or a new directory with --data");
    }
    var lockFile =
        FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      var files = new DataFiles(root, lockFile, lock(root, lockFile));
      files.prepare(format);
      return files;
    } catch (IOException | RuntimeException e) {
      lockFile.close();
      throw e;
    }
  }

  private static boolean isFresh(Path root) throws IOException {
    return List.of("lock", "tls").containsAll(names(root));
  }

  private static FileLock lock(Path root, FileChannel lockFile) throws IOException {
    try {
      var lock = lockFile.tryLock();
      if (lock != null) {
        return lock;
      }
    } catch (OverlappingFileLockException e) {
      throw served(root);
    }
    throw served(root);
  }

  private static BuildFailure served(Path root) {
    return BuildFailure.of(
            BuildFailure.Kind.REGISTRY,
            "another registry serves " + Printable.of(root.toString()) + " already")
        .hint("stop it first, or give this one another directory with --data");
  }

  private void prepare(Path format) throws IOException {
    make(temporary());
    for (var name : names(temporary())) {
      Files.deleteIfExists(temporary().resolve(name));
    }
    if (!Files.exists(format)) {
      replace(format, FORMAT);
    } else if (!Files.readString(format, StandardCharsets.ISO_8859_1).equals(FORMAT)) {
      throw BuildFailure.of(
              BuildFailure.Kind.REGISTRY,
              Printable.of(root.toString()) + " has a format that this jbuild does not know")
          .hint("serve it with the jbuild that made it, or a newer one");
    }
    for (var algorithm : ContentDigest.Algorithm.values()) {
      make(root.resolve("blobs").resolve(algorithm.label()));
    }
    make(repositories());
    make(uploads());
    syncDirectory(root);
  }

  Path root() {
    return root;
  }

  private Path temporary() {
    return root.resolve("tmp");
  }

  Path repositories() {
    return root.resolve("repositories");
  }

  Path uploads() {
    return root.resolve("uploads");
  }

  /// Where the blobs of an algorithm lie, in directories named by their first two digits.
  Path blobs(ContentDigest.Algorithm algorithm) {
    return root.resolve("blobs").resolve(algorithm.label());
  }

  Path blob(ContentDigest digest) {
    return blobs(digest.algorithm()).resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
  }

  /// Gives `target` this text in one step.
  void replace(Path target, String text) throws IOException {
    replace(target, text.getBytes(StandardCharsets.UTF_8));
  }

  /// Gives `target` this content in one step.
  void replace(Path target, byte[] content) throws IOException {
    var fresh = temporary().resolve(Long.toString(last.incrementAndGet()));
    try {
      try (var channel =
          FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        var buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        channel.force(true);
      }
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(fresh);
      throw e;
    }
    syncDirectory(parent(target));
  }

  /// Makes a whole and synced file the blob of this digest.
  void publish(Path file, ContentDigest digest) throws IOException {
    var target = blob(digest);
    makeBelow(blobs(digest.algorithm()), parent(target));
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(parent(target));
  }

  /// Makes an empty file, or makes the one that is there as good as new.
  void mark(Path file) throws IOException {
    try {
      Files.createFile(file);
      syncDirectory(parent(file));
    } catch (FileAlreadyExistsException e) {
      touch(file);
    }
  }

  /// Says that a file is in use now.
  ///
  /// @return whether it is there
  static boolean touch(Path file) throws IOException {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /// @return whether it was there
  boolean remove(Path file) throws IOException {
    if (!Files.deleteIfExists(file)) {
      return false;
    }
    syncDirectory(parent(file));
    return true;
  }

  /// Makes a directory in `parent` if there is none.
  void makeBelow(Path parent, Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      make(directory);
      syncDirectory(parent);
    }
  }

  /// Makes a directory, 0700, with those above it.
  static void make(Path directory) throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private static Path parent(Path file) {
    return file.resolveSibling(".").normalize();
  }

  static void syncDirectory(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// The names in a directory; none if it does not exist.
  static List<String> names(Path directory) throws IOException {
    var names = new ArrayList<String>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
    } catch (NoSuchFileException e) {
      return List.of();
    }
    return names;
  }

  /// Whether a directory has no entry, or does not exist. Costs the same for any number of them.
  static boolean isEmpty(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      return !entries.iterator().hasNext();
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  /// A small text; nothing if there is no such file.
  static Optional<String> text(Path file) throws IOException {
    try {
      return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /// When a file was last in use; now if it is gone.
  static Instant used(Path file) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant();
    } catch (NoSuchFileException e) {
      return Instant.MAX;
    }
  }

  @Override
  public void close() throws IOException {
    lock.release();
    lockFile.close();
  }
}
