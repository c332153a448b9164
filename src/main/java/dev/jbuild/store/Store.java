package dev.jbuild.store;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.FileLock;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A store, open. Safe for use by many threads; to be closed when the last is done.
///
/// Opening reads two small files. Only what writes takes a lease, so a store that may only be read
/// can be. Methods of the store and its parts throw [IOException]s, which [#explain] turns into
/// words, and [BuildFailure]s where there is something to say at once: a full disk, a broken file.
public final class Store implements AutoCloseable {

  private final Layout layout;
  private final Lease lease;
  private final Blobs blobs;
  private final RemoteBlobs remote;
  private final References references;
  private final Layers layers;
  private final Trees trees;
  private final Records records;
  private final Builds builds;
  private final Answers answers;
  private final CacheMounts cacheMounts;
  private final Kept kept;

  private Store(Layout layout) {
    this.layout = layout;
    this.lease = new Lease(layout);
    this.blobs = new Blobs(layout, lease);
    this.references = new References(layout, lease, blobs);
    this.remote = new RemoteBlobs(layout, lease, blobs);
    this.layers = new Layers(layout, lease, blobs, remote);
    var idMap = new IdMap(layout, lease);
    this.trees = new Trees(layout, lease, idMap);
    this.cacheMounts = new CacheMounts(layout, lease, idMap, InstantSource.system());
    this.kept = new Kept(layout, lease);
    this.records = new Records(layout, lease);
    this.builds = new Builds(layout, lease);
    this.answers = new Answers(layout, lease);
  }

  /// Opens the store at `root`; makes one where nothing or an empty directory is.
  ///
  /// @throws BuildFailure if it is another user's, writable by others, of a newer format, or
  ///     something else than a store
  public static Store open(Path root) throws IOException {
    try {
      return new Store(StoreRoot.open(root));
    } catch (IOException e) {
      throw StoreFailures.explain(e, root);
    }
  }

  /// Where the store is when nobody says: `JBUILD_ROOT`, else `jbuild` in `XDG_DATA_HOME` or in
  /// `HOME/.local/share`.
  ///
  /// @param environment of the process; `user.home` is another's inside a user namespace
  /// @throws BuildFailure if it says nothing of the kind
  public static Path defaultRoot(Map<String, String> environment) {
    try {
      var root = environment.getOrDefault("JBUILD_ROOT", "");
      if (!root.isEmpty()) {
        return Path.of(root).toAbsolutePath();
      }
      var data = Path.of(environment.getOrDefault("XDG_DATA_HOME", ""));
      if (data.isAbsolute()) { // others are to be ignored (XDG base directory specification)
        return data.resolve("jbuild");
      }
      var home = Path.of(environment.getOrDefault("HOME", ""));
      if (home.isAbsolute()) {
        return home.resolve(".local").resolve("share").resolve("jbuild");
      }
    } catch (InvalidPathException e) {
      throw StoreFailures.of("the path of the store cannot be used: its name is not UTF-8")
          .hint("run jbuild with LC_ALL=C.UTF-8, or choose another store with --root DIR");
    }
    throw StoreFailures.of("there is no place for the store: HOME is not set")
        .hint("set HOME, or choose a store with --root DIR or JBUILD_ROOT");
  }

  /// Its directory, absolute and without links.
  public Path root() {
    return layout.root();
  }

  public Blobs blobs() {
    return blobs;
  }

  /// Blobs that were left where they are, and the door by which they come.
  public RemoteBlobs remote() {
    return remote;
  }

  public References references() {
    return references;
  }

  public Layers layers() {
    return layers;
  }

  public Trees trees() {
    return trees;
  }

  public Records records() {
    return records;
  }

  public Builds builds() {
    return builds;
  }

  /// What the launcher may say in place of builds.
  public Answers answers() {
    return answers;
  }

  /// What protects the things that this open store uses.
  public Lease lease() {
    return lease;
  }

  /// Waits for the lock of a step, as long as another makes it. It can be interrupted
  /// (InterruptedIOException).
  public FileLock lock(Digest name) throws IOException {
    return lock(name, () -> {});
  }

  /// The same.
  ///
  /// @param waits called once if another holds it
  public FileLock lock(Digest name, Runnable waits) throws IOException {
    return Locks.patiently(() -> tryLock(name), waits);
  }

  /// The lock of a step, or nothing at once if another holds it.
  public Optional<FileLock> tryLock(Digest name) throws IOException {
    try (var _ = lease.shared()) { // no prune removes the file meanwhile
      return FileLock.tryExclusive(layout.locks().resolve(name.hex()));
    }
  }

  /// A new empty directory, 0700, on the store's file system. It is removed with the store's
  /// closing, or later if the process dies before.
  public Path makeTemporaryDirectory() throws IOException {
    return lease.temps().makeDirectory();
  }

  /// `kept/`: containers and failed steps.
  public Kept kept() {
    return kept;
  }

  /// `mounts/`: what RUN's cache mounts keep.
  public CacheMounts cacheMounts() {
    return cacheMounts;
  }

  /// Removes what nothing needs and what died with its process. Builds may go on meanwhile.
  ///
  /// @throws CorruptBlobException if a manifest that is needed is damaged: what it names is unknown
  public Pruned prune(PruneOptions options) throws IOException {
    Leases.reap(layout); // may make the room that a full disk lacks for anything else
    return new Pruner(this, layout).prune(options);
  }

  /// Verifies everything. Builds may go on meanwhile.
  ///
  /// @return what is wrong, nothing if all is well
  public List<Finding> check() throws IOException {
    return new Checker(this, layout, false).check();
  }

  /// The same, and drops what is broken: it is built or pulled again.
  public List<Finding> repair() throws IOException {
    return new Checker(this, layout, true).check();
  }

  /// What the bytes of the store are for.
  public DiskUse diskUse() throws IOException {
    return DiskUse.of(this, layout);
  }

  /// What a person is told of an exception that the store or one of its parts threw.
  public BuildFailure explain(IOException failure) {
    return StoreFailures.explain(failure, layout.root());
  }

  /// Ends the protection of what was in use and removes what was temporary.
  @Override
  public void close() throws IOException {
    trees.close();
    lease.close();
  }
}
