package dev.jbuild.serve;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// An upload into a data directory: a directory with the bytes so far, which outlives the server.
///
/// The digest is computed while the bytes come. After a restart, or if it is to be of another
/// algorithm than was thought, the bytes are read once more.
final class FileUpload extends Upload {

  static final String DATA = "data";
  static final String REPOSITORY = "repository";

  /// A file may bear any time.
  private static final Duration LONGEST_IDLE = Duration.ofDays(365);

  private final DataDirectory owner;
  private final RepositoryName repository;
  private final Path directory;
  private final ContentDigest.Algorithm algorithm;
  private @Nullable MessageDigest hash;
  private boolean open = true;

  /// @param hash of no bytes yet; none if there are bytes already
  /// @param idle for how long nobody has gone on with it
  FileUpload(
      DataDirectory owner,
      RepositoryName repository,
      Path directory,
      ContentDigest.Algorithm algorithm,
      @Nullable MessageDigest hash,
      Duration idle) {
    super(String.valueOf(directory.getFileName()), idle);
    this.owner = owner;
    this.repository = repository;
    this.directory = directory;
    this.algorithm = algorithm;
    this.hash = hash;
  }

  /// One that was begun before this process. How old it is, only the time of its bytes can say.
  static FileUpload found(DataDirectory owner, RepositoryName repository, Path directory)
      throws IOException {
    var last = Files.getLastModifiedTime(directory.resolve(DATA)).toMillis();
    var idle = Math.clamp(System.currentTimeMillis() - last, 0, LONGEST_IDLE.toMillis());
    var sha256 = ContentDigest.Algorithm.SHA256;
    return new FileUpload(owner, repository, directory, sha256, null, Duration.ofMillis(idle));
  }

  RepositoryName repository() {
    return repository;
  }

  private Path data() {
    return directory.resolve(DATA);
  }

  @Override
  long size() throws IOException {
    return Files.size(data());
  }

  @Override
  boolean isOpen() {
    return open;
  }

  @Override
  void append(InputStream source) throws IOException {
    var running = hash;
    hash = null; // until all that was written is in it
    try (var channel = FileChannel.open(data(), StandardOpenOption.APPEND)) {
      var bytes = new byte[BUFFER];
      int count;
      while ((count = read(source, bytes, running)) >= 0) {
        write(channel, bytes, count);
        grew();
        if (running != null) {
          running.update(bytes, 0, count);
        }
      }
    }
    hash = running;
  }

  /// What came before the client went is in the file and in the digest alike.
  private int read(InputStream source, byte[] bytes, @Nullable MessageDigest running)
      throws IOException {
    try {
      return source.read(bytes, 0, bytes.length);
    } catch (ClientGoneException | Refusal e) {
      hash = running;
      throw e;
    }
  }

  private static void write(FileChannel channel, byte[] bytes, int count) throws IOException {
    var buffer = ByteBuffer.wrap(bytes, 0, count);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  @Override
  void commit(ContentDigest expected) throws IOException {
    try {
      var actual = digest(expected.algorithm());
      if (!actual.equals(expected)) {
        throw wrongDigest(expected, actual);
      }
      try (var channel = FileChannel.open(data(), StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      owner.publish(repository, data(), expected);
    } finally {
      cancel();
    }
  }

  private ContentDigest digest(ContentDigest.Algorithm wanted) throws IOException {
    var running = hash;
    if (running != null && wanted == algorithm) {
      return ContentDigest.ofHash(wanted, running.digest());
    }
    var fresh = wanted.start();
    try (var in = Files.newInputStream(data())) {
      var bytes = new byte[BUFFER];
      int count;
      while ((count = in.read(bytes)) >= 0) {
        fresh.update(bytes, 0, count);
      }
    }
    return ContentDigest.ofHash(wanted, fresh.digest());
  }

  @Override
  void cancel() throws IOException {
    open = false;
    owner.forget(this);
    discard(directory);
  }

  /// Removes the directory of an upload, as far as it is there.
  static void discard(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(DATA));
    Files.deleteIfExists(directory.resolve(REPOSITORY));
    try {
      Files.deleteIfExists(directory);
    } catch (NoSuchFileException e) {
      return; // another was faster
    }
  }
}
