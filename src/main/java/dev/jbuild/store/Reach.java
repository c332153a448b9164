package dev.jbuild.store;

import dev.jbuild.image.ChainId;
import dev.jbuild.image.Digest;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All that is needed by the roots given so far.
///
/// Every document is verified as it is read: what a damaged one names is not known, and nothing may
/// be removed on its word.
final class Reach {

  private final Layout layout;
  private final Blobs blobs;
  private final Layers layers;

  private final Set<Digest> needed = new HashSet<>();
  private final Set<Digest> walked = new HashSet<>();
  private final Set<Digest> diffIds = new HashSet<>();
  private final Set<Digest> chainIds = new HashSet<>();
  private final Set<Digest> neededLayers = new HashSet<>();
  private final Map<Digest, LayerFacts> facts = new HashMap<>();

  Reach(Layout layout, Blobs blobs, Layers layers) {
    this.layout = layout;
    this.blobs = blobs;
    this.layers = layers;
  }

  /// The blobs that are needed, whether the store holds them or not.
  Set<Digest> blobs() {
    return Collections.unmodifiableSet(needed);
  }

  /// The places in the stacks of layers of the images.
  Set<Digest> chainIds() {
    return Collections.unmodifiableSet(chainIds);
  }

  /// The diff IDs of which what is known is needed; complete after [#addLayerFacts].
  Set<Digest> layers() {
    return Collections.unmodifiableSet(neededLayers);
  }

  /// Adds blobs and all that they name.
  ///
  /// @throws CorruptBlobException if a document among them is damaged
  void add(Collection<Digest> roots) throws IOException {
    var pending = new ArrayDeque<>(roots);
    while (!pending.isEmpty()) {
      var digest = pending.pop();
      if (!walked.add(digest)) {
        continue;
      }
      needed.add(digest);
      var links = links(blobs, digest);
      links.documents().forEach(link -> pending.add(link.digest()));
      links.leaves().forEach(link -> needed.add(link.digest()));
      addStack(links.diffIds());
    }
  }

  private void addStack(List<Digest> stack) {
    @Nullable Digest chain = null;
    for (var diffId : stack) {
      diffIds.add(diffId);
      chain = ChainId.next(chain, diffId);
      chainIds.add(chain);
    }
  }

  /// What a blob names; nothing if the store does not hold it.
  static Links links(Blobs blobs, Digest digest) throws IOException {
    try {
      long size = blobs.size(digest);
      try (var file = blobs.file(digest)) {
        var first = new byte[1];
        if (file.read(first, 0, 1) < 1 || !Links.possible(first[0], size)) {
          return Links.NONE;
        }
      }
      return Links.of(blobs.read(digest, (int) size));
    } catch (MissingBlobException e) {
      return Links.NONE;
    }
  }

  /// Adds what is known of the layers that are needed, and with it the blobs of their indexes.
  void addLayerFacts() throws IOException {
    if (facts.isEmpty()) {
      for (var diffId : Names.digests(layout.layers())) {
        facts.put(diffId, layers.facts(diffId));
      }
    }
    facts.forEach(
        (diffId, known) -> {
          if (isNeeded(diffId, known)) {
            neededLayers.add(diffId);
          }
        });
    for (var diffId : neededLayers) {
      var known = facts.getOrDefault(diffId, LayerFacts.NONE);
      if (known.index() != null) {
        needed.add(known.index());
      }
      if (needed.contains(diffId) && !blobs.contains(diffId)) {
        // Something wants the layer, which is there, or elsewhere, in another form only.
        known.forms().forEach(form -> needed.add(form.descriptor().digest()));
      }
    }
  }

  private boolean isNeeded(Digest diffId, LayerFacts known) {
    return diffIds.contains(diffId)
        || needed.contains(diffId)
        || known.forms().stream().anyMatch(form -> needed.contains(form.descriptor().digest()));
  }
}
