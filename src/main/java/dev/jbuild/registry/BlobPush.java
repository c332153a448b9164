package dev.jbuild.registry;

import dev.jbuild.http.PassingException;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Reference;
import dev.jbuild.store.BlobOrigin;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Brings blobs of the store into one repository, each by the cheapest way that there is: it is
/// there, it is mounted from another repository, it is sent. Safe for use by many threads.
final class BlobPush {

  private final Store store;
  private final PlainLayers plain;
  private final Transfers listener;
  private final Repository repository;
  private final Reference target;
  private final Scope scope;
  private final Set<Digest> there;
  private final Lenders lenders;
  private volatile boolean canMount = true;

  /// @param there what was seen to be in the repository; grows
  BlobPush(
      Store store,
      PlainLayers plain,
      Transfers listener,
      Repository repository,
      Reference target,
      Set<Digest> there) {
    this.store = store;
    this.plain = plain;
    this.listener = listener;
    this.repository = repository;
    this.target = target;
    this.scope = Scope.push(repository.path());
    this.there = there;
    this.lenders = new Lenders(store, target);
  }

  /// A blob that has to be in the repository.
  ///
  /// @return what it is there
  Descriptor send(Outgoing outgoing) throws IOException, InterruptedException {
    var blob = outgoing.descriptor();
    if (LayerKind.isForeign(blob.mediaType())) {
      return blob;
    }
    repository.host().transfers().acquire();
    try {
      var there =
          outgoing.changes()
              ? compressed(outgoing, outgoing.diffId().orElseThrow())
              : stored(outgoing, blob, Optional.empty());
      if (outgoing.diffId().isPresent()) {
        store.layers().rememberPlace(outgoing.diffId().get(), place(there));
      }
      return there;
    } finally {
      repository.host().transfers().release();
    }
  }

  private BlobOrigin.Repository place(Descriptor blob) {
    return new BlobOrigin.Repository(blob.bare(), target.domain(), target.path());
  }

  /// A blob of the store, or one that is elsewhere, as it is.
  ///
  /// @param session of an upload that is begun
  private Descriptor stored(Outgoing outgoing, Descriptor blob, Optional<String> session)
      throws IOException, InterruptedException {
    long since = System.nanoTime();
    var transfer = transfer(outgoing, blob);
    if (session.isEmpty() && isThere(blob.digest())) {
      finished(transfer, TransferEvent.Ending.THERE, blob.size(), since);
      return blob;
    }
    var upload = upload(source(blob), transfer).in(session);
    if (session.isEmpty() && isMounted(upload, blob.digest(), outgoing.diffId())) {
      finished(transfer, TransferEvent.Ending.MOUNTED, blob.size(), since);
    } else {
      bring(blob.digest());
      listener.on(new TransferEvent.Started(transfer));
      upload.run();
      finished(transfer, TransferEvent.Ending.MOVED, blob.size(), since);
    }
    there.add(blob.digest());
    return blob;
  }

  private BlobUpload upload(BlobUpload.Source source, TransferEvent.Transfer transfer) {
    return new BlobUpload(repository, scope, source, transfer, listener);
  }

  private static TransferEvent.Transfer transfer(Outgoing outgoing, Descriptor blob) {
    return new TransferEvent.Transfer(outgoing.kind(), blob.digest().shortHex(), blob.size());
  }

  /// What is elsewhere comes first. That needs a place among the transfers of its own: if all
  /// places of a registry were taken by those who wait here, none would ever come.
  private void bring(Digest blob) throws IOException {
    if (store.blobs().contains(blob)) {
      return;
    }
    repository.host().transfers().release();
    try {
      store.remote().bring(List.of(blob));
    } finally {
      repository.host().transfers().acquireUninterruptibly();
    }
  }

  private BlobUpload.Source source(Descriptor blob) {
    return new BlobUpload.Source() {
      @Override
      public long size() {
        return blob.size();
      }

      @Override
      public InputStream open(long offset) throws IOException {
        var in = store.blobs().open(blob); // verifies, also what is skipped
        in.skipNBytes(offset);
        return in;
      }

      @Override
      public Digest digest() {
        return blob.digest();
      }
    };
  }

  /// A layer that lies plain: in a compressed form that is there, or was made before, or is made
  /// now.
  private Descriptor compressed(Outgoing outgoing, Digest diffId)
      throws IOException, InterruptedException {
    long since = System.nanoTime();
    var forms = plain.known(diffId);
    for (var form : forms) {
      if (isThere(form.digest())) {
        finished(transfer(outgoing, form), TransferEvent.Ending.THERE, form.size(), since);
        return plain.inOci(form);
      }
    }
    var session = Optional.<String>empty();
    for (var form : forms) {
      var transfer = transfer(outgoing, form);
      var upload = upload(source(form), transfer).in(session);
      if (isMounted(upload, form.digest(), Optional.of(diffId))) {
        there.add(form.digest());
        finished(transfer, TransferEvent.Ending.MOUNTED, form.size(), since);
        return plain.inOci(form);
      }
      session = upload.begun();
      if (store.blobs().contains(form) && store.lease().keep(form.digest())) {
        return plain.inOci(stored(outgoing, form, session));
      }
    }
    return spooled(outgoing, diffId, session);
  }

  /// @param session of an upload that is begun
  private Descriptor spooled(Outgoing outgoing, Digest diffId, Optional<String> session)
      throws IOException, InterruptedException {
    long since = System.nanoTime();
    var transfer = new TransferEvent.Transfer(outgoing.kind(), diffId.shortHex(), -1);
    try (var spool = plain.spool(diffId)) {
      listener.on(new TransferEvent.Started(transfer));
      upload(source(spool), transfer).in(session).run();
      var made = spool.result();
      plain.remember(diffId, made);
      there.add(made.digest());
      finished(transfer, TransferEvent.Ending.MOVED, made.size(), since);
      return made;
    }
  }

  private static BlobUpload.Source source(Spool spool) {
    return new BlobUpload.Source() {
      private long size = -1;

      @Override
      public long size() {
        return size;
      }

      @Override
      public InputStream open(long offset) throws IOException {
        return spool.open(offset);
      }

      @Override
      public Digest digest() throws IOException, InterruptedException {
        var made = spool.result();
        size = made.size();
        return made.digest();
      }
    };
  }

  private boolean isThere(Digest digest) throws IOException, InterruptedException {
    if (there.contains(digest) || repository.hasBlob(digest, scope)) {
      there.add(digest);
      return true;
    }
    return false;
  }

  /// Whether the registry took the blob from another of its repositories.
  private boolean isMounted(BlobUpload upload, Digest blob, Optional<Digest> layer)
      throws IOException, InterruptedException {
    if (!canMount) {
      return false;
    }
    try {
      for (var path : lenders.of(blob, layer)) {
        if (upload.mount(blob, path)) {
          return true;
        }
      }
    } catch (PassingException e) {
      canMount = false; // to ask for each layer would take longer than it could save
    }
    return false;
  }

  private void finished(
      TransferEvent.Transfer transfer, TransferEvent.Ending how, long bytes, long since) {
    var took = Duration.ofNanos(System.nanoTime() - since);
    listener.on(new TransferEvent.Finished(transfer, how, bytes, took));
  }
}
