package dev.jbuild.store;

import static dev.jbuild.store.TempArea.Durability.DURABLE;
import static dev.jbuild.store.TempArea.Durability.FLEETING;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.MediaType;
import dev.jbuild.linux.SmallFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/// What the store knows of layers, by diff ID: the index of their entries, and their compressed
/// forms. A plain layer is the blob whose digest is its diff ID.
///
/// All of it can be made again from the layer, therefore what a crash tore counts as unknown. Safe
/// for use by many threads and many processes.
public final class Layers {

  /// More files are not kept in memory.
  private static final int MOST_READ = 1000;

  /// What a file held and what that says: a push asks for the same layer several times, and
  /// understanding a file takes much longer than reading it.
  private record Read(byte[] bytes, LayerFacts facts) {}

  private final Layout layout;
  private final Lease lease;
  private final Blobs blobs;
  private final RemoteBlobs remote;
  private final Map<Digest, Read> read = new ConcurrentHashMap<>();

  Layers(Layout layout, Lease lease, Blobs blobs, RemoteBlobs remote) {
    this.layout = layout;
    this.lease = lease;
    this.blobs = blobs;
    this.remote = remote;
  }

  /// The index of the layer's entries, if there is one that is more than a claim.
  ///
  /// @throws CorruptBlobException if it is damaged; [#putIndex] mends that
  public Optional<byte[]> index(Digest diffId) throws IOException {
    return index(diffId, _ -> false);
  }

  /// The length of what [#index] gives; nothing is read.
  public OptionalLong indexLength(Digest diffId) throws IOException {
    var known = facts(diffId);
    var index = known.index();
    return index == null || !known.isIndexed(_ -> false) || !blobs.contains(index)
        ? OptionalLong.empty()
        : OptionalLong.of(blobs.size(index));
  }

  /// The index of the layer's entries, if there is one that is certain or claimed by somebody
  /// who is believed.
  ///
  /// @param believed whose claims count
  /// @throws CorruptBlobException if it is damaged; [#putIndex] mends that
  public Optional<byte[]> index(Digest diffId, Predicate<String> believed) throws IOException {
    return indexNow(diffId, believed).map(KeptIndex::bytes);
  }

  /// The index of a layer.
  ///
  /// @param claimed whether nobody has held it against the layer
  public record KeptIndex(Digest digest, byte[] bytes, boolean claimed) {}

  /// The index and whether it is certain, both of the same moment: another process may replace a
  /// claim at any time.
  ///
  /// @param believed whose claims count
  public Optional<KeptIndex> indexNow(Digest diffId, Predicate<String> believed)
      throws IOException {
    var known = facts(diffId);
    var index = known.index();
    if (index == null || !known.isIndexed(believed) || !lease.keep(index)) {
      return Optional.empty();
    }
    var bytes = blobs.read(index, Integer.MAX_VALUE - 8);
    return Optional.of(new KeptIndex(index, bytes, known.claimant() != null));
  }

  /// Whether there is an index at this moment.
  ///
  /// @param believed whose claims count
  public boolean hasIndex(Digest diffId, Predicate<String> believed) throws IOException {
    return isIndexed(facts(diffId), believed);
  }

  private boolean isIndexed(LayerFacts known, Predicate<String> believed) throws IOException {
    var index = known.index();
    return index != null && known.isIndexed(believed) && blobs.contains(index);
  }

  /// Keeps the index of a layer as long as anything names the layer.
  public void putIndex(Digest diffId, byte[] index) throws IOException {
    var digest = blobs.put(index);
    change(diffId, FLEETING, facts -> facts.withIndex(digest));
  }

  /// Keeps what `source` says is the index of a layer that nobody has read, unless there is one.
  ///
  /// @param believed whose claims count; that of another is replaced
  public void putClaimedIndex(
      Digest diffId, byte[] index, String source, Predicate<String> believed) throws IOException {
    var digest = blobs.put(index);
    change(
        diffId,
        FLEETING,
        facts -> isIndexed(facts, believed) ? facts : facts.withClaim(digest, source));
  }

  /// The index that is only claimed to be the layer's; empty if there is none, or a certain one.
  ///
  /// @param believed whose claims count
  public Optional<Digest> claimedIndex(Digest diffId, Predicate<String> believed)
      throws IOException {
    var known = facts(diffId);
    return known.claimant() != null && known.isIndexed(believed)
        ? Optional.ofNullable(known.index())
        : Optional.empty();
  }

  /// Remembers a compressed form of the layer; one of the same digest is replaced.
  public void remember(Digest diffId, Descriptor compressed, String how) throws IOException {
    var form = new CompressedForm(compressed, how);
    change(diffId, FLEETING, facts -> facts.with(form));
  }

  /// Remembers a layer that is left where it is, in a form that is there: the layer counts as one
  /// that can be had, and its bytes come when they are needed. Durable when this returns.
  ///
  /// @param how as [CompressedForm] says; a form that is known already keeps what it has
  public void rememberRemote(Digest diffId, BlobOrigin origin, String how) throws IOException {
    remote.remember(origin);
    if (!origin.blob().digest().equals(diffId)) {
      var form = new CompressedForm(origin.blob().bare(), how);
      change(diffId, DURABLE, facts -> facts.knows(form) ? facts : facts.with(form));
    }
  }

  /// Remembers that a repository has the layer in some form, so that a push to another one of the
  /// same registry need not send it. Nothing else follows: the layer does not count as one that can
  /// be had.
  public void rememberPlace(Digest diffId, BlobOrigin.Repository place) throws IOException {
    if (!lease.keepIf(diffId, () -> isKnown(diffId, place))) { // else no writer has to wait
      change(diffId, FLEETING, facts -> facts.at(place));
    }
  }

  private boolean isKnown(Digest diffId, BlobOrigin.Repository place) throws IOException {
    var facts = facts(diffId);
    return facts.at(place).equals(facts);
  }

  /// The repositories that have the layer, or had it once, the newest first.
  public List<BlobOrigin.Repository> places(Digest diffId) throws IOException {
    return facts(diffId).places();
  }

  /// Notes that a form was inflated and found to be the layer.
  public void confirm(Digest diffId, Digest compressed) throws IOException {
    change(diffId, FLEETING, facts -> facts.confirmed(compressed));
  }

  /// The compressed forms that were ever remembered, oldest first.
  public List<CompressedForm> compressedForms(Digest diffId) throws IOException {
    return facts(diffId).forms();
  }

  /// Forgets a compressed form that turned out to hold something else.
  public void forget(Digest diffId, Digest compressed) throws IOException {
    change(diffId, FLEETING, facts -> facts.without(compressed));
  }

  /// The layer as the store holds it from now on: plain ([MediaType#OCI_LAYER]) or else in a
  /// compressed form of which it is certain that it is this layer.
  public Optional<Descriptor> stored(Digest diffId) throws IOException {
    if (lease.keep(diffId)) {
      return Optional.of(new Descriptor(MediaType.OCI_LAYER, diffId, blobs.size(diffId)));
    }
    for (var form : compressedForms(diffId)) {
      if (form.isVerified()
          && blobs.contains(form.descriptor())
          && lease.keep(form.descriptor().digest())) {
        return Optional.of(form.descriptor());
      }
    }
    return Optional.empty();
  }

  /// The blobs in which the layer can be had, held ones before those that are elsewhere, certain
  /// ones before those of which only a registry says that they are this layer; none if it cannot
  /// be had. One of them is enough.
  public List<Descriptor> within(Digest diffId) throws IOException {
    if (lease.keep(diffId)) {
      return List.of(new Descriptor(MediaType.OCI_LAYER, diffId, blobs.size(diffId)));
    }
    var held = new ArrayList<Descriptor>();
    var elsewhere = new ArrayList<Descriptor>();
    for (var form : certainFirst(compressedForms(diffId))) {
      var blob = form.descriptor();
      if (lease.keep(blob.digest())) {
        held.add(blob);
      } else if (remote.isWithinReach(blob.digest())) {
        elsewhere.add(blob);
      }
    }
    if (held.isEmpty()) {
      remote.find(diffId).ifPresent(held::add);
    }
    held.addAll(elsewhere);
    return List.copyOf(held);
  }

  /// Whether the store holds the layer in some form or knows where it is, at this moment.
  public boolean isWithinReach(Digest diffId) throws IOException {
    return blobs.contains(diffId) || isElsewhere(diffId);
  }

  /// Whether something else than the plain layer will do for it.
  boolean isElsewhere(Digest diffId) throws IOException {
    for (var form : compressedForms(diffId)) {
      if (remote.isWithinReach(form.descriptor().digest())) {
        return true;
      }
    }
    return !remote.origins(diffId).isEmpty();
  }

  private static List<CompressedForm> certainFirst(List<CompressedForm> forms) {
    return forms.size() < 2
        ? forms
        : forms.stream()
            .sorted((one, other) -> Boolean.compare(other.isVerified(), one.isVerified()))
            .toList();
  }

  /// Makes sure that the store holds each of these layers in some form: what is elsewhere comes,
  /// several at once. A layer that cannot be had at all is passed over; who reads it says so.
  ///
  /// @throws dev.jbuild.failure.BuildFailure if a place is known and does not give the layer
  public void bring(Collection<Digest> diffIds) throws IOException {
    var lacking = new ArrayList<Digest>();
    for (var diffId : diffIds) {
      var forms = within(diffId);
      if (!forms.isEmpty() && !blobs.contains(forms.getFirst().digest())) {
        lacking.add(forms.getFirst().digest());
      }
    }
    remote.bring(lacking);
  }

  /// What is known; nothing if the file is missing or torn.
  LayerFacts facts(Digest diffId) throws IOException {
    try {
      var bytes = SmallFile.bytes(layout.layers().resolve(diffId.hex()));
      var last = read.get(diffId);
      if (last != null && Arrays.equals(last.bytes, bytes)) {
        return last.facts;
      }
      var facts = LayerFacts.parse(bytes);
      if (read.size() >= MOST_READ) {
        read.clear();
      }
      read.put(diffId, new Read(bytes, facts));
      return facts;
    } catch (NoSuchFileException | ImageFormatException e) {
      return LayerFacts.NONE;
    }
  }

  private interface Change {
    LayerFacts apply(LayerFacts facts) throws IOException;
  }

  private void change(Digest diffId, TempArea.Durability durability, Change change)
      throws IOException {
    var temps = lease.temps();
    try (var _ = lease.shared()) {
      lease.claim(diffId); // what is known of it stays as long as we may need it
      try (var _ = Locks.exclusive(layout.layersLock())) {
        var old = facts(diffId);
        var changed = change.apply(old);
        if (!changed.equals(old)) {
          var file = layout.layers().resolve(diffId.hex());
          temps.replace(file, changed.bytes(), isOnlyElsewhere(changed) ? DURABLE : durability);
        }
      }
    }
  }

  /// That a form which nobody holds is this layer cannot be made again from anything.
  private boolean isOnlyElsewhere(LayerFacts facts) throws IOException {
    for (var form : facts.forms()) {
      var blob = form.descriptor().digest();
      if (!blobs.contains(blob) && remote.isWithinReach(blob)) {
        return true;
      }
    }
    return false;
  }
}
