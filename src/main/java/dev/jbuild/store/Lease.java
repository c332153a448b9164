package dev.jbuild.store;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.FileLock;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.OpenFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What one open store has in use: no prune, of this process or another, removes it.
///
/// On disk a file in `leases/`, locked until the store is closed or the process dies, with a line
/// of 64 hex digits for every digest in use: of a blob, a layer (its diff ID) or a tree (its chain
/// ID). What a leased manifest or index names is in use too. All that is stored through a store is
/// kept by its lease from then on; what was there before must be asked for with [#keep].
///
/// Safe for use by many threads. In a store that we may only read there is no lease, and nothing
/// is protected.
public final class Lease {

  private final Layout layout;
  private final Set<Digest> claimed = ConcurrentHashMap.newKeySet();
  private @Nullable Held held;
  private boolean readOnly;
  private boolean closed;

  /// The lease file with its lock, and the directory for temporary files that has its name.
  ///
  /// @param lines no FileChannel: a thread that is interrupted would close it for all others
  private record Held(Path file, FileLock lock, OpenFile lines, TempArea temps) {}

  Lease(Layout layout) {
    this.layout = layout;
  }

  /// Whether something is there at this moment.
  interface Presence {
    boolean check() throws IOException;
  }

  /// Protects a blob of the store, and all that it names if it is a manifest or an index.
  ///
  /// @return whether the store holds it; if so it does until the store is closed
  public boolean keep(Digest blob) throws IOException {
    return keepIf(blob, () -> Files.isRegularFile(layout.blob(blob)));
  }

  /// Protects a layer that the store has in some form, or knows a place for, with all forms of it
  /// and what is known of it.
  ///
  /// @return whether there is one; if so it can be had until the store is closed
  public boolean keepLayer(Digest diffId, Layers layers) throws IOException {
    try (var lock = tryShared()) {
      if (!layers.isWithinReach(diffId)) {
        return false;
      }
      if (lock != null) {
        claim(diffId);
        for (var form : layers.compressedForms(diffId)) {
          claim(form.descriptor().digest());
        }
      }
      return true;
    }
  }

  /// Claims `digest` if `present` says so while nothing can be removed.
  boolean keepIf(Digest digest, Presence present) throws IOException {
    if (claimed.contains(digest) || !mayWrite()) {
      return present.check();
    }
    try (var _ = Locks.shared(layout.storeLock())) {
      if (!present.check()) {
        return false;
      }
      claim(digest);
      return true;
    }
  }

  /// Writes the line. Only while `locks/store` is held by the caller.
  void claim(Digest digest) throws IOException {
    if (!claimed.add(digest)) {
      return;
    }
    var line = (digest.hex() + "\n").getBytes(StandardCharsets.US_ASCII);
    try {
      synchronized (this) {
        open().lines().write(line, 0, line.length);
      }
    } catch (IOException e) {
      claimed.remove(digest);
      throw StoreFailures.unlessFull(e, layout.root());
    }
  }

  /// The lock under which lines are written and nothing is removed.
  FileLock shared() throws IOException {
    open(); // the directories are there from now on
    return Locks.shared(layout.storeLock());
  }

  /// The same as far as the store can be written to; nobody prunes one that is read-only.
  @Nullable FileLock tryShared() throws IOException {
    return mayWrite() ? shared() : null;
  }

  /// The lock of all that is in the store; its directory is there.
  Path storeLock() throws IOException {
    open();
    return layout.storeLock();
  }

  /// Where this store writes what is not whole yet.
  TempArea temps() throws IOException {
    return open().temps();
  }

  private synchronized boolean mayWrite() throws IOException {
    if (readOnly) {
      return false;
    }
    try {
      open();
      return true;
    } catch (IOException e) {
      if (StoreFailures.isReadOnly(e)) {
        readOnly = true;
        return false;
      }
      throw e;
    }
  }

  private synchronized Held open() throws IOException {
    if (closed) {
      throw new IllegalStateException("the store is closed");
    }
    var there = held;
    if (there != null) {
      return there;
    }
    StoreRoot.makeDirectories(layout);
    var made = make();
    held = made;
    Leases.reapInBackground(layout);
    return made;
  }

  private Held make() throws IOException {
    while (true) {
      var id = Leases.newId();
      var file = layout.leases().resolve(id);
      var lock = FileLock.tryExclusive(file);
      if (lock.isEmpty()) {
        continue;
      }
      if (!Files.exists(file)) { // reaped between its making and its locking
        lock.get().close();
        continue;
      }
      try {
        return held(id, file, lock.get());
      } catch (IOException e) {
        try (var _ = lock.get()) {
          Files.deleteIfExists(file);
        }
        throw StoreFailures.unlessFull(e, layout.root());
      }
    }
  }

  private Held held(String id, Path file, FileLock lock) throws IOException {
    try (var leases = Directory.open(layout.leases())) {
      var lines = leases.openForWriting(id.getBytes(StandardCharsets.US_ASCII));
      try {
        return new Held(file, lock, lines, TempArea.make(layout, id));
      } catch (IOException e) {
        lines.close();
        throw e;
      }
    }
  }

  /// Ends all protection and removes what was temporary. What cannot be removed is left to a later
  /// prune, which says why: it is no reason for a build to fail.
  synchronized void close() throws IOException {
    closed = true;
    var there = held;
    if (there == null) {
      return;
    }
    held = null;
    try (var _ = there.lock();
        var _ = there.lines()) {
      there.temps().close();
      Files.deleteIfExists(there.file());
    } catch (LinuxException e) {
      if (!e.is(Errno.EACCES) && !e.is(Errno.EPERM) && !e.is(Errno.EBUSY)) {
        throw e;
      }
    }
  }
}
