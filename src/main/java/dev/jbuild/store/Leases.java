package dev.jbuild.store;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileLock;
import dev.jbuild.linux.SmallFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All leases of a store: who lives, what is in use, what the dead have left.
///
/// Whether a lease lives is only asked of the kernel: its file is locked or it is not. There are
/// no process ids to be reused.
final class Leases {

  private static final int ID = 32;
  private static final Path KERNEL_UUID = Path.of("/proc/sys/kernel/random/uuid");

  private Leases() {}

  /// A name that nobody else takes. From the kernel, since Java's SecureRandom costs a start-up 50
  /// milliseconds.
  static String newId() throws IOException {
    return SmallFile.text(KERNEL_UUID).strip().replace("-", "");
  }

  /// All that living leases name. Complete only under an exclusive `locks/store`.
  static Set<Digest> claimed(Layout layout) throws IOException {
    var digests = new HashSet<Digest>();
    for (var id : Names.matching(layout.leases(), ID)) {
      var file = layout.leases().resolve(id);
      var lock = FileLock.tryShared(file);
      if (lock.isPresent()) {
        lock.get().close(); // nobody's
        continue;
      }
      digests.addAll(lines(file));
    }
    return digests;
  }

  private static Set<Digest> lines(Path file) throws IOException {
    var digests = new HashSet<Digest>();
    try {
      for (var line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
        if (Names.isHex(line)) {
          digests.add(new Digest(line));
        }
      }
    } catch (NoSuchFileException e) {
      return Set.of(); // closed a moment ago
    }
    return digests;
  }

  /// Removes what dead leases have left when there is any, without making anybody wait for it.
  /// Stopped at any moment it is continued by the next one.
  static void reapInBackground(Layout layout) throws IOException {
    if (Names.matching(layout.leases(), ID).size() <= 1) {
      return;
    }
    Thread.ofPlatform()
        .daemon()
        .name("store-reaper")
        .start(
            () -> {
              try {
                reap(layout);
              } catch (IOException _) {
                // Nobody waits for it; prune says what cannot be removed.
              }
            });
  }

  /// Removes the dead leases and their temporary files, and temporary files without any lease.
  /// Names that are not ours are left alone. What cannot be removed stops none of the others.
  ///
  /// One thread at a time: two would take each other's looks at a lock for a living lease, and a
  /// prune would be over while the reaper of its own process still has something in its hands.
  static synchronized void reap(Layout layout) throws IOException {
    @Nullable IOException first = null;
    for (var id : abandoned(layout)) {
      try {
        reap(layout, id);
      } catch (IOException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private static void reap(Layout layout, String id) throws IOException {
    var file = layout.leases().resolve(id);
    var lock = FileLock.tryExclusive(file);
    if (lock.isPresent()) {
      try (var _ = lock.get();
          var tmp = Directory.open(layout.tmp())) {
        tmp.removeTree(id.getBytes(StandardCharsets.US_ASCII));
        Files.deleteIfExists(file);
      }
    }
  }

  /// The ids of leases that nobody holds, and of temporary directories without one.
  static List<String> abandoned(Layout layout) throws IOException {
    // A lease is older than its directory: in this order none is taken for an orphan.
    var ids = new HashSet<>(Names.matching(layout.tmp(), ID));
    ids.addAll(Names.matching(layout.leases(), ID));
    var dead = new ArrayList<String>();
    for (var id : ids) {
      var file = layout.leases().resolve(id);
      if (!Files.exists(file)) {
        dead.add(id);
        continue;
      }
      var lock = FileLock.tryShared(file);
      if (lock.isPresent()) {
        lock.get().close();
        dead.add(id);
      }
    }
    return dead;
  }
}
