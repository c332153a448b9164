package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// The pull of blobs from the places that have them, with its events. Safe for use by many threads.
///
/// @param workers who stop each other
record BlobPull(Store store, Transfers listener, Workers workers) {

  /// A smaller blob is brought before another process can have brought it.
  private static final int WORTH_WAITING = 1 << 20;

  /// Brings a blob, unless the store holds it, from the first of `sources` that gives it.
  ///
  /// @return whether bytes moved
  /// @throws BuildFailure REGISTRY if none does
  boolean run(List<Repository> sources, Descriptor wanted, TransferEvent.Transfer transfer)
      throws IOException, InterruptedException {
    long since = System.nanoTime();
    if (isThere(wanted)) {
      finished(transfer, TransferEvent.Ending.THERE, since);
      return false;
    }
    if (wanted.size() < WORTH_WAITING) {
      return moved(sources, wanted, transfer, since);
    }
    try (var _ = store.remote().turn(wanted.digest(), workers::isStopped)) {
      if (isThere(wanted)) { // by another process
        finished(transfer, TransferEvent.Ending.THERE, since);
        return false;
      }
      return moved(sources, wanted, transfer, since);
    }
  }

  private boolean isThere(Descriptor wanted) throws IOException {
    return store.blobs().contains(wanted) && store.lease().keep(wanted.digest());
  }

  private boolean moved(
      List<Repository> sources, Descriptor wanted, TransferEvent.Transfer transfer, long since)
      throws IOException, InterruptedException {
    BuildFailure last = null;
    for (var source : sources) {
      source.host().transfers().acquire();
      try (var download =
          new BlobDownload(store, source, wanted, transfer, listener, workers::isStopped)) {
        listener.on(new TransferEvent.Started(transfer));
        download.run();
        finished(transfer, TransferEvent.Ending.MOVED, since);
        return true;
      } catch (BuildFailure e) {
        last = e;
      } finally {
        source.host().transfers().release();
      }
    }
    throw last == null || LayerKind.isForeign(wanted.mediaType()) ? foreign(sources, wanted) : last;
  }

  private static BuildFailure foreign(List<Repository> sources, Descriptor wanted) {
    return Failures.of(
        "the layer "
            + wanted.digest()
            + " is not on "
            + sources.getLast().host().name()
            + " but at addresses that the image names, which are not followed");
  }

  private void finished(TransferEvent.Transfer transfer, TransferEvent.Ending how, long since) {
    var took = Duration.ofNanos(System.nanoTime() - since);
    listener.on(new TransferEvent.Finished(transfer, how, transfer.size(), took));
  }
}
