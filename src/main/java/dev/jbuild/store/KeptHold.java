package dev.jbuild.store;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/// A kept thing that is one process's own until closed: nobody else changes or removes it.
public final class KeptHold implements AutoCloseable {

  private final KeptEntry entry;
  private final Lease lease;
  private final FileLock lock;

  KeptHold(KeptEntry entry, Lease lease, FileLock lock) {
    this.entry = entry;
    this.lease = lease;
    this.lock = lock;
  }

  public KeptEntry entry() {
    return entry;
  }

  /// A new empty work directory for an overlay over [KeptEntry#fs]; the one of an earlier mount is
  /// gone, and with it the mark by which overlay refuses an upper that was mounted volatile.
  public Path freshWork() throws IOException {
    var work = entry.directory().resolve(TreeDraft.WORK);
    removeWork();
    Files.createDirectory(work);
    return work;
  }

  /// When its files were last changed.
  public Instant lastChange() throws IOException {
    return TreeSize.lastChange(entry.fs());
  }

  /// Replaces the spec in one step, and makes the files durable.
  public void replaceSpec(byte[] json) throws IOException {
    try (var directory = Directory.open(entry.directory())) {
      directory.syncFileSystem();
    }
    lease.temps().replace(entry.directory().resolve(Kept.SPEC), json, TempArea.Durability.DURABLE);
  }

  /// Removes it. The hold is still to be closed.
  public void remove() throws IOException {
    var temps = lease.temps();
    Path taken;
    try (var _ = lease.shared()) {
      taken = temps.takeAway(entry.directory());
    }
    temps.remove(taken);
  }

  private void removeWork() throws IOException {
    try (var directory = Directory.open(entry.directory())) {
      directory.removeTree(TempArea.bytes(TreeDraft.WORK));
    }
  }

  @Override
  public void close() {
    lock.close();
  }
}
