package dev.jbuild.store;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `kept/`: containers and failed steps that outlive their process, a directory each.
///
/// `kept/<id>` holds `fs`, an overlay's upper directory, and `spec.json`, the caller's. Two members
/// of that mean something to the store, as in [Records]: a prune keeps the `"blobs"` and `"trees"`
/// that it names as long as the thing is kept. It is put together elsewhere, made durable, and
/// moved here by one rename: after a crash it is whole or not there. No secret may be in it: the
/// files of a step's secret mounts never are, and the spec is its writer's duty.
///
/// Whoever changes or removes one holds it. Safe for use by many threads and many processes.
public final class Kept {

  static final String SPEC = "spec.json";

  private static final String IDS = "ids";
  private static final int ID = 12;

  private final Layout layout;
  private final Lease lease;

  Kept(Layout layout, Lease lease) {
    this.layout = layout;
    this.lease = lease;
  }

  /// Keeps what `changes` holds; it is the caller's no longer. Nothing may be mounted over it.
  ///
  /// @param spec a JSON object, see above
  public KeptEntry keep(TreeDraft changes, byte[] spec) throws IOException {
    changes.removeWork();
    try {
      var directory = changes.directory();
      Files.writeString(directory.resolve(IDS), IdMap.current());
      Files.write(directory.resolve(SPEC), spec);
      try (var opened = Directory.open(directory)) {
        opened.syncFileSystem();
      }
      while (true) {
        var id = Leases.newId().substring(0, 12);
        var place = layout.kept().resolve(id);
        if (!Files.exists(place)) {
          move(changes, place);
          return new KeptEntry(id, spec.clone(), Ages.of(place), place);
        }
      }
    } catch (IOException e) {
      throw StoreFailures.unlessFull(e, layout.root());
    }
  }

  /// From here on a prune reads in the spec what is needed; until here our lease has kept it.
  private void move(TreeDraft changes, Path place) throws IOException {
    try (var _ = lease.shared();
        var kept = Directory.open(layout.kept())) {
      Files.move(changes.directory(), place, StandardCopyOption.ATOMIC_MOVE);
      changes.setCommitted();
      kept.sync();
    }
  }

  /// All that is kept, the newest first.
  public List<KeptEntry> list() throws IOException {
    var entries = new ArrayList<KeptEntry>();
    for (var id : ids(layout)) {
      read(id).ifPresent(entries::add);
    }
    entries.sort((a, b) -> b.used().compareTo(a.used()));
    return List.copyOf(entries);
  }

  private Optional<KeptEntry> read(String id) throws IOException {
    var directory = layout.kept().resolve(id);
    try {
      var spec = Files.readAllBytes(directory.resolve(SPEC));
      return Optional.of(new KeptEntry(id, spec, Ages.of(directory), directory));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // removed a moment ago
    }
  }

  /// Takes one for this process alone.
  ///
  /// @return nothing if another process has it, or it is gone
  /// @throws dev.jbuild.failure.BuildFailure if its files belong to other user ids than ours
  public Optional<KeptHold> tryHold(KeptEntry entry) throws IOException {
    var lock = tryLock(entry);
    if (lock.isEmpty()) {
      return Optional.empty();
    }
    try {
      if (Files.exists(entry.directory().resolve(SPEC))) {
        checkIds(entry);
        return Optional.of(new KeptHold(entry, lease, lock.get()));
      }
    } catch (IOException | RuntimeException e) {
      lock.get().close();
      throw e;
    }
    lock.get().close();
    return Optional.empty();
  }

  /// Removes one, whoever's user ids its files were kept under.
  ///
  /// @return false if another process has it
  public boolean remove(KeptEntry entry) throws IOException {
    var lock = tryLock(entry);
    if (lock.isEmpty()) {
      return false;
    }
    try (var hold = new KeptHold(entry, lease, lock.get())) {
      if (Files.exists(entry.directory())) {
        hold.remove();
      }
      return true;
    }
  }

  private Optional<FileLock> tryLock(KeptEntry entry) throws IOException {
    try (var _ = lease.shared()) { // no prune removes the file meanwhile
      return FileLock.tryExclusive(lockFile(layout, entry.id()));
    }
  }

  /// Owners of files are ids of the machine: under another map they are other people's.
  private static void checkIds(KeptEntry entry) throws IOException {
    var made = Files.readString(entry.directory().resolve(IDS), StandardCharsets.ISO_8859_1);
    if (!made.equals(IdMap.current())) {
      throw StoreFailures.of("the files of " + entry.id() + " were kept under other user ids")
          .hint("remove it with: jbuild rm " + entry.id());
    }
  }

  static List<String> ids(Layout layout) throws IOException {
    return Names.matching(layout.kept(), ID);
  }

  /// Whether somebody holds it. Only while `locks/store` is held exclusively is the answer good for
  /// longer than a moment.
  static boolean isInUse(Layout layout, String id) throws IOException {
    var lock = FileLock.tryExclusive(lockFile(layout, id));
    lock.ifPresent(FileLock::close);
    return lock.isEmpty();
  }

  private static Path lockFile(Layout layout, String id) {
    var name = Digest.of(("kept " + id).getBytes(StandardCharsets.US_ASCII));
    return layout.locks().resolve(name.hex());
  }
}
