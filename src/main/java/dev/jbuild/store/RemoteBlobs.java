package dev.jbuild.store;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.FileLock;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Blobs that the store knows and need not hold: where each can be had, and the door by which it
/// comes when its bytes are needed.
///
/// Safe for use by many threads: a blob that several need is brought once.
public final class RemoteBlobs {

  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Layout layout;
  private final Blobs blobs;
  private final Lease lease;
  private final Origins origins;
  private final Map<Digest, CompletableFuture<@Nullable Void>> coming = new HashMap<>();
  private volatile @Nullable BlobFetcher fetcher;

  RemoteBlobs(Layout layout, Lease lease, Blobs blobs) {
    this.layout = layout;
    this.blobs = blobs;
    this.lease = lease;
    this.origins = new Origins(layout, lease);
  }

  /// What brings blobs from registries until it is closed; then the one before is back.
  public interface Connection extends AutoCloseable {
    @Override
    void close();
  }

  /// The right to bring a blob, until it is closed.
  public interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /// Waits as long as another process, or another open store, brings a blob; it may be there then.
  ///
  /// @param useless whether nobody wants the blob any more
  /// @throws InterruptedException if so, too
  public Turn turn(Digest blob, BooleanSupplier useless) throws IOException, InterruptedException {
    var name = Digest.of(("bring " + blob).getBytes(StandardCharsets.US_ASCII));
    var file = layout.locks().resolve(name.hex());
    while (!useless.getAsBoolean()) {
      Optional<FileLock> lock;
      try (var _ = lease.shared()) { // no prune removes the file meanwhile
        lock = FileLock.tryExclusive(file);
      }
      if (lock.isPresent()) {
        return lock.get()::close;
      }
      Thread.sleep(PAUSE);
    }
    throw new InterruptedException("nobody wants the blob any more");
  }

  /// Has registries asked by `replacement` from now on.
  public Connection connect(BlobFetcher replacement) {
    var before = fetcher;
    fetcher = replacement;
    return () -> fetcher = before;
  }

  /// Remembers where a blob is. It is durable when this returns, and stays as long as anything
  /// names the blob.
  public void remember(BlobOrigin origin) throws IOException {
    origins.add(origin);
  }

  /// Where a blob can be had, the newest place first; none if nobody ever said.
  public List<BlobOrigin> origins(Digest blob) throws IOException {
    return origins.of(blob);
  }

  /// Whether the store holds a blob or knows a place where it is.
  public boolean isWithinReach(Digest blob) throws IOException {
    return blobs.contains(blob) || !origins.of(blob).isEmpty();
  }

  /// The same for what a descriptor says: one of the places says the same.
  boolean isWithinReach(Links.Link link) throws IOException {
    return origins.of(link.digest()).stream()
        .anyMatch(each -> link.size().isEmpty() || link.size().getAsLong() == each.blob().size());
  }

  /// What a blob is that the store lacks, as the newest place says.
  public Optional<Descriptor> find(Digest blob) throws IOException {
    return origins.of(blob).stream().findFirst().map(BlobOrigin::blob);
  }

  /// Makes the store hold these blobs: those that it lacks are brought, several at once. They stay
  /// until the store is closed.
  ///
  /// @throws MissingBlobException if it is not known where one can be had
  /// @throws BuildFailure if it is known, and it cannot be had
  public void bring(Collection<Digest> wanted) throws IOException {
    var ours = new ArrayList<RemoteBlob>();
    var others = new ArrayList<CompletableFuture<@Nullable Void>>();
    try {
      for (var digest : new LinkedHashSet<>(wanted)) {
        if (lease.keep(digest)) {
          continue;
        }
        var places = origins.of(digest);
        if (places.isEmpty()) {
          throw new MissingBlobException(digest);
        }
        synchronized (coming) {
          var known = coming.get(digest);
          if (known != null) {
            others.add(known);
          } else if (!blobs.contains(digest)) { // else it came a moment ago
            coming.put(digest, new CompletableFuture<>());
            ours.add(new RemoteBlob(digest, places));
          }
        }
      }
      var elsewhere = new ArrayList<RemoteBlob>();
      for (var blob : ours) {
        if (!isCopied(blob)) {
          elsewhere.add(blob);
        }
      }
      fetch(elsewhere);
      ours.forEach(blob -> arrived(blob.digest(), null));
    } catch (IOException | RuntimeException e) {
      for (var blob : ours) { // who waits for one that came is not concerned
        arrived(blob.digest(), blobs.contains(blob.digest()) ? null : e);
      }
      throw e;
    }
    for (var other : others) {
      await(other);
    }
  }

  /// Makes the store hold all that an image names, of an index as far as its manifests are there.
  /// What nobody knows a place for is passed over: who reads it says so.
  ///
  /// @param image its manifest or index
  /// @throws BuildFailure if a place is known and does not give what should be there
  public void complete(Digest image) throws IOException {
    lease.keep(image); // with all that it names
    var lacking = new ArrayList<Digest>();
    var seen = new HashSet<Digest>();
    var documents = new ArrayDeque<>(List.of(image));
    while (!documents.isEmpty()) {
      var document = documents.pop();
      if (seen.add(document)) {
        var links = Reach.links(blobs, document);
        links.documents().forEach(link -> documents.push(link.digest()));
        for (var leaf : links.leaves()) {
          if (!blobs.contains(leaf.digest()) && isWithinReach(leaf)) {
            lacking.add(leaf.digest());
          }
        }
      }
    }
    bring(lacking);
  }

  private void arrived(Digest blob, @Nullable Exception failure) {
    CompletableFuture<@Nullable Void> waiting;
    synchronized (coming) {
      waiting = coming.remove(blob);
    }
    if (waiting == null) {
      return;
    }
    if (failure == null) {
      waiting.complete(null);
    } else {
      waiting.completeExceptionally(failure);
    }
  }

  private static void await(CompletableFuture<@Nullable Void> other) throws IOException {
    try {
      other.get();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case RuntimeException runtime -> throw runtime;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /// A layout is a directory: whoever has the store can read it.
  private boolean isCopied(RemoteBlob wanted) throws IOException {
    for (var origin : wanted.origins()) {
      if (origin instanceof BlobOrigin.OciLayout layout) {
        if (!Files.isRegularFile(layout.file(), LinkOption.NOFOLLOW_LINKS)) {
          continue; // a named pipe would never end
        }
        try (var in = Files.newInputStream(layout.file(), LinkOption.NOFOLLOW_LINKS)) {
          blobs.put(layout.blob(), in);
          return true;
        } catch (InterruptedIOException | ClosedByInterruptException e) {
          throw e;
        } catch (IOException e) {
          // As good as gone; if no other place has it, the failure names this one.
        }
      }
    }
    return false;
  }

  private void fetch(List<RemoteBlob> wanted) throws IOException {
    if (wanted.isEmpty()) {
      return;
    }
    var connected = fetcher;
    var nowhere =
        wanted.stream()
            .filter(
                blob ->
                    connected == null
                        || blob.origins().stream()
                            .noneMatch(BlobOrigin.Repository.class::isInstance))
            .findFirst();
    if (nowhere.isPresent()) {
      throw outOfReach(nowhere.get());
    }
    try {
      if (connected != null) {
        connected.fetch(wanted);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static BuildFailure outOfReach(RemoteBlob blob) {
    return StoreFailures.of(
            blob.digest() + " is not in the store but in " + blob.places() + ", and not to be had")
        .hint("it was left there because nothing needed it; bring the place back, or pull again");
  }

  private static InterruptedIOException interrupted(InterruptedException cause) {
    var interrupted = new InterruptedIOException("interrupted while a blob was brought");
    interrupted.initCause(cause);
    return interrupted;
  }
}
