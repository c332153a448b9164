package dev.jbuild.store;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.jbuild.failure.Utf8;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.FileLock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// `mounts/`: directories that RUN's cache mounts keep from build to build, by id.
///
/// `mounts/<digest>` holds `fs`, which is mounted, and `id`; the digest is that of the id, of what
/// the cache began with, and of a number (a private cache that is in use has further copies), so no
/// id is ever a path (CVE-2024-9675). Its time is when it was last used. Whoever uses one holds the
/// lock of the same digest in `locks/`, shared or exclusively, so that neither a prune nor another
/// build that wants it for itself comes near. Safe for use by many threads and many processes.
public final class CacheMounts {

  private static final String FILES = "fs";
  private static final String ID = "id";

  private final Layout layout;
  private final Lease lease;
  private final IdMap idMap;
  private final InstantSource clock;

  CacheMounts(Layout layout, Lease lease, IdMap idMap, InstantSource clock) {
    this.layout = layout;
    this.lease = lease;
    this.idMap = idMap;
    this.clock = clock;
  }

  /// Who else may use a cache at the same time.
  public enum Use {
    /// All who share it.
    SHARED,
    /// Nobody; whoever comes while it is in use gets another copy.
    PRIVATE,
    /// Nobody; whoever comes while it is in use waits.
    LOCKED
  }

  /// Puts into a new cache's directory, which is empty and 0755, what it begins with.
  @FunctionalInterface
  public interface Seed {
    void fill(Path directory) throws IOException;
  }

  /// Opens the cache `id`, which begins with nothing of its own.
  ///
  /// @see #open(String, Optional, Use, Seed)
  public CacheMount open(String id, Use use, Seed seed) throws IOException {
    return open(id, Optional.empty(), use, seed);
  }

  /// Opens the cache `id` and makes it if it is missing. Waits, interruptibly
  /// (InterruptedIOException), as long as others keep it for themselves. Whoever opens several does
  /// so in the order of their ids: else two could wait for each other.
  ///
  /// @param began the digest of what `seed` fills in: of the same id, another one is another cache
  public CacheMount open(String id, Optional<Digest> began, Use use, Seed seed) throws IOException {
    return open(id, began, use, seed, () -> {});
  }

  /// The same.
  ///
  /// @param waits called once if others keep it for themselves
  public CacheMount open(String id, Optional<Digest> began, Use use, Seed seed, Runnable waits)
      throws IOException {
    idMap.check();
    return switch (use) {
      case SHARED, LOCKED -> {
        var name = name(id, began, 0);
        var lock = Locks.patiently(() -> tryLock(name, use == Use.SHARED), waits);
        yield made(id, began, 0, lock, seed);
      }
      case PRIVATE -> {
        for (int number = 0; ; number++) {
          var lock = tryLock(name(id, began, number), false);
          if (lock.isPresent()) {
            yield made(id, began, number, lock.get(), seed);
          }
        }
      }
    };
  }

  private static Digest name(String id, Optional<Digest> began, int number) {
    return Digest.of(content(id, began, number));
  }

  /// Of the file `id`.
  private static byte[] content(String id, Optional<Digest> began, int number) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(
        ("cache mount " + number + began.map(each -> " " + each).orElse("") + "\n")
            .getBytes(StandardCharsets.US_ASCII));
    bytes.writeBytes(Utf8.encode(id));
    return bytes.toByteArray();
  }

  private Optional<FileLock> tryLock(Digest name, boolean isShared) throws IOException {
    try (var _ = lease.shared()) { // no prune removes the file meanwhile
      var file = layout.locks().resolve(name.hex());
      return isShared ? FileLock.tryShared(file) : FileLock.tryExclusive(file);
    }
  }

  private CacheMount made(String id, Optional<Digest> began, int number, FileLock lock, Seed seed)
      throws IOException {
    try {
      var place = layout.mount(name(id, began, number));
      if (Files.exists(place) && !Files.isDirectory(place.resolve(FILES), NOFOLLOW_LINKS)) {
        lease.temps().takeAway(place); // a step had moved it, and jbuild was killed
      }
      if (!Files.exists(place)) {
        make(id, began, number, place, seed);
      }
      var mount = new CacheMount(place, place.resolve(FILES), lock, clock);
      mount.touch();
      return mount;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private void make(String id, Optional<Digest> began, int number, Path place, Seed seed)
      throws IOException {
    var draft = lease.temps().makeDirectory();
    try {
      var files = Files.createDirectory(draft.resolve(FILES));
      Files.setPosixFilePermissions(files, CacheMount.OPEN);
      seed.fill(files);
      Files.write(draft.resolve(ID), content(id, began, number));
      Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      boolean isThere = Files.exists(place) && Files.exists(draft);
      lease.temps().remove(draft);
      if (!isThere) { // else another, who shares it, was faster
        throw StoreFailures.unlessFull(e, layout.root());
      }
    } catch (RuntimeException e) {
      lease.temps().remove(draft);
      throw e;
    }
  }

  /// All caches, by id and number.
  public List<Listed> list() throws IOException {
    var all = new ArrayList<Listed>();
    for (var name : Names.digests(layout.mounts())) {
      var place = layout.mount(name);
      var id = id(layout, name);
      if (id.isPresent()) {
        all.add(new Listed(id.get(), TreeSize.of(place.resolve(FILES)), Ages.of(place)));
      }
    }
    all.sort(Comparator.comparing(Listed::id));
    return all;
  }

  /// @param bytes that it takes on disk
  /// @param used when it was last used
  public record Listed(String id, long bytes, Instant used) {}

  /// The id of the cache in `mounts/<name>`; empty if that is none.
  static Optional<String> id(Layout layout, Digest name) throws IOException {
    try {
      var text = Utf8.decode(Files.readAllBytes(layout.mount(name).resolve(ID)));
      return Optional.of(text.substring(text.indexOf('\n') + 1));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /// Whether somebody uses the cache `mounts/<name>`. Only while `locks/store` is held exclusively
  /// is the answer good for longer than a moment.
  static boolean isInUse(Layout layout, Digest name) throws IOException {
    var lock = FileLock.tryExclusive(layout.locks().resolve(name.hex()));
    lock.ifPresent(FileLock::close);
    return lock.isEmpty();
  }
}
