package dev.jbuild.store;

import dev.jbuild.failure.ThrownElsewhere;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.SmallFile;
import dev.jbuild.linux.Workers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Unpacked layers, by the chain ID of the place that they are unpacked for.
///
/// `trees/<chain ID>/fs` is the tree, `state` beside it says how far it can be trusted: `sealed`
/// once it is durable, until then the id of the running kernel's boot, since what was committed is
/// whole as long as the machine does not stop. A tree with any other state is as good as missing.
///
/// Nobody waits until a new tree is on the disk. Who finds it later, when the kernel has written
/// most of it out by itself, makes it durable on a thread of its own.
///
/// What is found or committed is kept by the store's lease. Safe for use by many threads and many
/// processes.
public final class Trees implements AutoCloseable {

  private static final String STATE = "state";
  private static final String SEALED = "sealed\n";
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final int ATTEMPTS = 100;

  /// What is older the kernel has begun to write out, if nobody told it otherwise (proc(5),
  /// dirty_expire_centisecs: 30 s).
  private static final Duration SETTLED = Duration.ofMinutes(1);

  private final Layout layout;
  private final Lease lease;
  private final IdMap idMap;
  private final Set<Digest> unsealed = new HashSet<>();
  private @Nullable Thread sealing;
  private volatile @Nullable Throwable failure;

  /// What was found or committed; it stays, so it need not be looked for again.
  private final Map<Digest, Path> found = new ConcurrentHashMap<>();

  Trees(Layout layout, Lease lease, IdMap idMap) {
    this.layout = layout;
    this.lease = lease;
    this.idMap = idMap;
  }

  /// The tree for `chainId`, which stays until the store is closed.
  public Optional<Path> find(Digest chainId) throws IOException {
    var known = found.get(chainId);
    if (known != null) {
      return Optional.of(known);
    }
    idMap.check();
    if (!lease.keepIf(chainId, () -> isTrusted(layout, chainId))) {
      return Optional.empty();
    }
    return Optional.of(used(chainId));
  }

  /// Begins a tree, to be closed by the caller.
  public TreeDraft draft() throws IOException {
    idMap.check();
    return new TreeDraft(lease.temps().makeTreeDirectory());
  }

  /// Makes a whole draft the tree for `chainId`, unless there is one already; nothing may use the
  /// draft any more.
  ///
  /// @return the tree; it is the draft's directory no longer
  public Path commit(TreeDraft draft, Digest chainId) throws IOException {
    draft.removeWork();
    try {
      Files.writeString(draft.directory().resolve(STATE), boot());
    } catch (IOException e) {
      throw StoreFailures.unlessFull(e, layout.root());
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try (var _ = lease.shared()) {
        lease.claim(chainId);
        if (isTrusted(layout, chainId)) {
          return used(chainId);
        }
        if (moved(draft, chainId)) {
          return fs(chainId);
        }
        clear(chainId);
      }
    }
    throw new IOException("cannot commit the tree " + chainId + ": its place is never free");
  }

  /// Takes away what stands in the place of a tree and is none.
  private void clear(Digest chainId) throws IOException {
    if (isTrusted(layout, chainId)) {
      return; // another's was faster
    }
    try {
      lease.temps().takeAway(layout.tree(chainId));
    } catch (LinuxException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  /// Moves the draft to its place, unless something is there: somebody may use that.
  ///
  /// @return whether that went
  private boolean moved(TreeDraft draft, Digest chainId) throws IOException {
    try {
      Files.move(draft.directory(), layout.tree(chainId), StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      var failure = StoreFailures.unlessFull(e, layout.root());
      if (Files.exists(draft.directory())) {
        return false;
      }
      throw failure;
    }
    draft.setCommitted();
    return true;
  }

  /// Waits until what was found is durable, as far as it is made so now.
  ///
  /// @throws IOException if something of the store could not be written out
  public void awaitSealing() throws IOException {
    close();
    ThrownElsewhere.rethrow(failure);
  }

  /// Waits for the same, whatever it comes to.
  @Override
  public void close() {
    Thread thread;
    synchronized (unsealed) {
      thread = sealing;
    }
    if (thread != null) {
      Workers.join(thread);
    }
  }

  private void sealAll() {
    try {
      for (var trees = takeUnsealed(); !trees.isEmpty(); trees = takeUnsealed()) {
        seal(trees);
      }
    } catch (Throwable e) { // whatever it is, who waits gets it
      failure = e;
    }
  }

  private List<Digest> takeUnsealed() {
    synchronized (unsealed) {
      var trees = List.copyOf(unsealed);
      unsealed.clear();
      if (trees.isEmpty()) {
        sealing = null;
      }
      return trees;
    }
  }

  /// Once for all of them, since it writes out all of the file system.
  private void seal(List<Digest> trees) throws IOException {
    try (var directory = Directory.open(layout.trees())) {
      directory.syncFileSystem();
    } catch (IOException e) {
      throw StoreFailures.unlessFull(e, layout.root());
    }
    var sealed = SEALED.getBytes(StandardCharsets.US_ASCII);
    for (var chainId : trees) {
      if (Files.exists(state(layout, chainId))) { // it may have been removed by hand
        lease.temps().replace(state(layout, chainId), sealed, TempArea.Durability.FLEETING);
      }
    }
  }

  /// The tree of somebody else, who did not wait until it was durable.
  private Path used(Digest chainId) throws IOException {
    var state = state(layout, chainId);
    if (!SmallFile.text(state).equals(SEALED)
        && Files.getLastModifiedTime(state).toInstant().isBefore(Instant.now().minus(SETTLED))) {
      synchronized (unsealed) {
        unsealed.add(chainId);
        if (sealing == null) {
          sealing = Workers.beside("seal", this::sealAll);
        }
      }
    }
    return fs(chainId);
  }

  private Path fs(Digest chainId) {
    var fs = layout.tree(chainId).resolve(TreeDraft.FILES);
    found.put(chainId, fs);
    return fs;
  }

  static Path state(Layout layout, Digest chainId) {
    return layout.tree(chainId).resolve(STATE);
  }

  static boolean isTrusted(Layout layout, Digest chainId) throws IOException {
    try {
      var state = SmallFile.text(state(layout, chainId));
      return state.equals(SEALED) || state.equals(boot());
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static String boot() throws IOException {
    return "boot " + SmallFile.text(BOOT).strip() + "\n";
  }
}
