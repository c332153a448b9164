package dev.jbuild.layer;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.OpenFile;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarFormatException;
import dev.jbuild.tar.TarLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// The one door to what is in the layers of a store: their indexes, the file systems that they
/// make, the bytes of their files.
///
/// A layer that is there only compressed is inflated once, when its content is first asked for, to
/// a plain tar beside it; its index is made in the same pass. One that is elsewhere is brought
/// first. Safe for use by many threads.
public final class LayerReader {

  private final Store store;
  private final ClaimedIndexes claimed;
  private final Map<Digest, LayerIndex> indexes = new ConcurrentHashMap<>();
  private final Map<Digest, Object> locks = new ConcurrentHashMap<>();
  private final AtomicLong expected = new AtomicLong();

  /// One that believes no index which is only claimed.
  public LayerReader(Store store) {
    this(store, ForeignIndexes.NONE);
  }

  /// @param foreign asked for indexes of layers that are elsewhere, before these are brought, and
  ///     believed until they are
  public LayerReader(Store store, ForeignIndexes foreign) {
    this.store = store;
    this.claimed = new ClaimedIndexes(store, foreign);
  }

  /// What is only claimed of these layers: by diff ID, the digest of an index that a registry gave
  /// and that nobody has held against the layer. What is made with it is as good as it is.
  public SortedMap<Digest, Digest> claims(Collection<Digest> diffIds) throws IOException {
    return claimed.of(diffIds);
  }

  /// The index of a layer.
  ///
  /// @throws BuildFailure if the store holds neither the index nor the layer
  public LayerIndex index(Digest diffId) throws IOException {
    var known = indexes.get(diffId);
    if (known != null) {
      return known;
    }
    var kept = claimed.index(diffId);
    if (kept.isEmpty()) {
      return indexed(diffId);
    }
    var index = parsed(diffId, kept.get());
    var settled = indexes.putIfAbsent(diffId, index); // another thread may have read the layer
    return settled == null ? index : settled;
  }

  /// Takes the index of a layer that was written by this process a moment ago: nothing about it
  /// has to be read again.
  public void learn(WrittenLayer layer) {
    indexes.put(layer.diffId(), layer.index());
  }

  /// Takes the outline of a layer that is not written yet ([LayerDraft#outline]); of its files only
  /// the content can be read that an index keeps.
  ///
  /// @return what stands for the layer until [#forget]
  public Digest expect(LayerIndex outline) {
    var name = "outline " + expected.incrementAndGet();
    var standIn = Digest.of(name.getBytes(StandardCharsets.US_ASCII));
    indexes.put(standIn, outline);
    return standIn;
  }

  /// Lets go of an outline.
  public void forget(Digest standIn) {
    indexes.remove(standIn);
  }

  /// A damaged index is made again from its layer.
  private LayerIndex parsed(Digest diffId, byte[] bytes) throws IOException {
    try {
      return LayerIndex.parse(bytes);
    } catch (IOException damaged) {
      return indexed(diffId);
    }
  }

  /// The file system that layers make, the lowest first.
  public MergedView view(List<Digest> diffIds) throws IOException {
    bringUnindexed(diffIds);
    var view = new MergedView();
    for (var diffId : diffIds) {
      view.stack(diffId, index(diffId));
    }
    return view;
  }

  /// What has to be inflated because its index is unknown comes all at once.
  private void bringUnindexed(List<Digest> diffIds) throws IOException {
    var unindexed = unindexed(diffIds);
    if (!unindexed.isEmpty()) {
      bring(claimed.ask(unindexed));
    }
  }

  private List<Digest> unindexed(Collection<Digest> diffIds) throws IOException {
    var unindexed = new ArrayList<Digest>();
    for (var diffId : diffIds) {
      if (!indexes.containsKey(diffId) && !claimed.hasIndex(diffId)) {
        unindexed.add(diffId);
      }
    }
    return unindexed;
  }

  /// Learns what is claimed of those of these layers that are elsewhere. No layer comes for that.
  public void ask(Collection<Digest> diffIds) throws IOException {
    var unindexed = unindexed(diffIds);
    if (!unindexed.isEmpty()) {
      var left = claimed.ask(unindexed);
      for (var diffId : unindexed) {
        if (!left.contains(diffId)) {
          claimed.handOut(diffId);
        }
      }
    }
  }

  /// Whether all that was claimed of these layers was held against them, and is true.
  public boolean isCertain(Collection<Digest> diffIds) {
    return diffIds.stream().allMatch(claimed::isCertain);
  }

  /// Makes sure that the store holds the bytes of layers, plain or compressed: what is elsewhere
  /// comes, several at once.
  ///
  /// @throws BuildFailure if one is elsewhere and cannot be had
  public void bring(Collection<Digest> diffIds) throws IOException {
    store.layers().bring(diffIds);
  }

  /// The index of a layer whose plain tar is there; empty if either is not, or if the index is only
  /// claimed.
  Optional<LayerIndex> plainIndex(Digest diffId) throws IOException {
    if (!store.lease().keep(diffId) || !claimed.hasIndex(diffId)) {
      return Optional.empty();
    }
    var index = index(diffId);
    return claimed.isOpen(diffId) || claimed.isUnsettled(diffId)
        ? Optional.empty()
        : Optional.of(index);
  }

  /// The layer's plain tar, open for reading at any offset.
  public OpenFile plain(Digest diffId) throws IOException {
    if (!store.blobs().contains(diffId) || claimed.isOpen(diffId)) {
      inflate(diffId);
    }
    return store.blobs().file(diffId);
  }

  /// Holds what is only claimed of these layers against the layers themselves.
  ///
  /// @throws BuildFailure if a claim is false
  public void verify(Collection<Digest> diffIds) throws IOException {
    var open = new ArrayList<Digest>();
    for (var diffId : diffIds) {
      if (claimed.isOpen(diffId) || (!indexes.containsKey(diffId) && claimed.isUnsettled(diffId))) {
        open.add(diffId);
      }
    }
    bring(open);
    for (var diffId : open) {
      inflate(diffId);
    }
  }

  /// Holds all that was handed out and is only claimed against the layers, as far as these can be
  /// had.
  ///
  /// @return how it is told that one of the claims is false
  public Optional<BuildFailure> refuted() throws InterruptedIOException {
    for (var diffId : claimed.open()) {
      try {
        verify(List.of(diffId));
      } catch (InterruptedIOException e) {
        throw e;
      } catch (BuildFailure | IOException e) {
        if (e instanceof BuildFailure failure && claimed.isRefuted(diffId)) {
          return Optional.of(failure);
        }
        // it cannot be had: nothing is known of the claim
      }
    }
    return Optional.empty();
  }

  /// Where a plain tar is open that others read, too.
  interface Plains {
    OpenFile of(Digest diffId) throws IOException;
  }

  /// The bytes of a regular file. [OpenLayers] is for those who read many.
  public InputStream content(ViewEntry file) throws IOException {
    var kept = kept(file);
    return kept.isPresent() ? kept.get() : PlainTar.content(plain(layerOf(file)), file, true);
  }

  /// The same from one of `plains`, which stays open.
  InputStream content(ViewEntry file, Plains plains) throws IOException {
    var kept = kept(file);
    return kept.isPresent() ? kept.get() : PlainTar.content(plains.of(layerOf(file)), file, false);
  }

  private Optional<InputStream> kept(ViewEntry file) throws IOException {
    return index(layerOf(file))
        .content(file.entry().path(), file.offset())
        .map(ByteArrayInputStream::new);
  }

  private static Digest layerOf(ViewEntry file) {
    var layer = file.layer();
    if (layer == null || !file.isFile()) {
      throw new IllegalArgumentException(file.entry().path() + " has no content");
    }
    return layer;
  }

  /// Whether the content of a file is in the index of its layer.
  public boolean keepsContent(ViewEntry file) throws IOException {
    var layer = file.layer();
    return layer != null && index(layer).content(file.entry().path(), file.offset()).isPresent();
  }

  /// Makes sure that the index of a layer is there, inflating the layer if it must.
  private LayerIndex indexed(Digest diffId) throws IOException {
    if (!store.blobs().contains(diffId)) {
      return inflate(diffId);
    }
    return scanned(diffId);
  }

  private LayerIndex scanned(Digest diffId) throws IOException {
    var claim = claim(diffId);
    try (var in = store.blobs().open(diffId)) {
      return kept(diffId, claim, PlainTar.index(in, false));
    }
  }

  private Optional<LayerIndex> claim(Digest diffId) throws IOException {
    var handedOut = indexes.get(diffId);
    return handedOut != null && claimed.isOpen(diffId)
        ? Optional.of(handedOut)
        : claimed.claimed(diffId);
  }

  /// The layer was read to its end: a claim about it is true or false now.
  private LayerIndex kept(Digest diffId, Optional<LayerIndex> claim, LayerIndex truth)
      throws IOException {
    indexes.put(diffId, truth);
    var index = claimed.settle(diffId, claim, truth);
    indexes.put(diffId, index);
    return index;
  }

  private LayerIndex inflate(Digest diffId) throws IOException {
    synchronized (locks.computeIfAbsent(diffId, _ -> new Object())) {
      var known = indexes.get(diffId);
      boolean held = store.blobs().contains(diffId);
      if (held && known != null && !claimed.isOpen(diffId)) {
        return known;
      }
      if (held) {
        return scanned(diffId);
      }
      var claim = claim(diffId);
      var truth = inflated(diffId);
      return truth.isPresent() ? kept(diffId, claim, truth.get()) : scanned(diffId);
    }
  }

  /// Makes the plain tar of a layer. Of several forms those that are held are tried first.
  ///
  /// @return its index; empty if the layer itself could be had plain
  private Optional<LayerIndex> inflated(Digest diffId) throws IOException {
    BuildFailure last = null;
    for (var form : store.layers().within(diffId)) {
      try {
        store.remote().bring(List.of(form.digest()));
        return form.digest().equals(diffId) ? Optional.empty() : Optional.of(inflate(diffId, form));
      } catch (BuildFailure e) {
        last = e; // a form that a registry named falsely, or no longer has; there may be another
      } catch (TarFormatException e) {
        store.layers().forget(diffId, form.digest());
        last =
            BuildFailure.of(
                BuildFailure.Kind.STORE,
                "the layer " + form.digest() + " cannot be read: " + e.getMessage(),
                e);
      }
    }
    throw last == null ? missing(diffId) : last;
  }

  private LayerIndex inflate(Digest diffId, Descriptor compressedForm) throws IOException {
    try (var blob = store.blobs().create();
        var compressed = store.blobs().open(compressedForm.digest());
        var plain = Compression.decompressAhead(compressed, TarLimits.DEFAULT)) {
      var index = PlainTar.index(new Tee(plain, blob), false);
      var made = blob.commit();
      if (!made.equals(diffId)) {
        store.layers().forget(diffId, compressedForm.digest());
        throw BuildFailure.of(
            BuildFailure.Kind.STORE,
            "the layer "
                + compressedForm.digest()
                + " holds "
                + made
                + ", the image says "
                + diffId);
      }
      store.layers().confirm(diffId, compressedForm.digest());
      return index;
    }
  }

  private static BuildFailure missing(Digest diffId) {
    return BuildFailure.of(BuildFailure.Kind.STORE, "the layer " + diffId + " is not in the store")
        .hint("run jbuild store check --repair, then import or build the base again");
  }
}
