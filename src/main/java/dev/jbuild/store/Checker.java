package dev.jbuild.store;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// Verifies all of a store: the bytes of every blob, and that whatever names another finds it.
///
/// The blobs are read without any lock, so that builds go on meanwhile; links are looked at while
/// no prune can run. Repair drops what is broken, names first, then what they named. An index.json
/// that cannot be read is moved aside, and the images are listed anew without their names.
final class Checker {

  private static final int CHUNK = 128 << 10;

  private final Store store;
  private final Layout layout;
  private final boolean repair;
  private final List<Finding> findings = new ArrayList<>();
  private final Map<Digest, String> damaged = new HashMap<>();

  Checker(Store store, Layout layout, boolean repair) {
    this.store = store;
    this.layout = layout;
    this.repair = repair;
  }

  List<Finding> check() throws IOException {
    for (var digest : Names.digests(layout.blobs())) {
      damage(digest).ifPresent(why -> damaged.put(digest, why));
    }
    var lock = repair ? Locks.exclusive(store.lease().storeLock()) : store.lease().tryShared();
    try (lock) {
      checkLinks();
    }
    return List.copyOf(findings);
  }

  private void checkLinks() throws IOException {
    for (var digest : List.copyOf(damaged.keySet())) {
      if (damage(digest).isEmpty()) {
        damaged.remove(digest); // replaced by a whole one meanwhile
      }
    }
    checkIndex();
    checkRecords();
    checkLayers();
    checkBuilds();
    for (var blob : damaged.entrySet()) {
      found(
          Finding.Kind.BLOB, blob.getKey().toString(), layout.blob(blob.getKey()), blob.getValue());
      if (repair) {
        store.lease().temps().takeAway(layout.blob(blob.getKey()));
      }
    }
  }

  private void found(Finding.Kind kind, String what, Path path, String why) {
    findings.add(new Finding(kind, what, path, why, repair));
  }

  /// What is wrong with the bytes of a blob.
  private Optional<String> damage(Digest digest) throws IOException {
    if (Files.exists(layout.blob(digest)) && !store.blobs().contains(digest)) {
      return Optional.of("it is not a regular file");
    }
    try (var in = store.blobs().open(digest)) {
      var buffer = new byte[CHUNK];
      while (in.read(buffer, 0, CHUNK) >= 0) {
        // the stream verifies
      }
      return Optional.empty();
    } catch (CorruptBlobException e) {
      return Optional.of("its bytes are not those of its digest");
    } catch (MissingBlobException e) {
      return Optional.empty(); // pruned meanwhile
    } catch (IOException e) {
      return Optional.of("it cannot be read: " + Printable.of(String.valueOf(e.getMessage())));
    }
  }

  private void checkIndex() throws IOException {
    IndexFile index;
    try {
      index = store.references().read();
    } catch (BuildFailure broken) {
      found(Finding.Kind.INDEX, "index.json", layout.index(), broken.message());
      if (repair) {
        var all = Names.digests(layout.blobs());
        var salvaged = new Salvage(store.blobs(), damaged.keySet()).index(all);
        store.references().replaceBroken(salvaged);
      }
      return;
    }
    var incomplete = new HashSet<Digest>();
    for (var item : index.items()) {
      var image = item.descriptor();
      if (image != null) {
        var why = lack(new Links.Link(image.digest(), OptionalLong.of(image.size())));
        if (why.isPresent()) {
          incomplete.add(image.digest());
          var what = Printable.of(item.name().orElse(image.digest().toString()));
          found(Finding.Kind.IMAGE, what, layout.index(), why.get());
        }
      }
    }
    checkNames(index);
    if (repair && (!incomplete.isEmpty() || index.doubleName().isPresent())) {
      store.references().repair(incomplete);
    }
  }

  private void checkNames(IndexFile index) {
    var seen = new HashSet<String>();
    for (var item : index.items()) {
      if (item.name().isPresent() && !seen.add(item.name().get())) {
        var what = Printable.of(item.name().get());
        found(Finding.Kind.INDEX, what, layout.index(), "two images have this name");
      }
    }
  }

  /// What of an image is missing, damaged or of a wrong size.
  private Optional<String> lack(Links.Link root) throws IOException {
    var pending = new ArrayDeque<Links.Link>(List.of(root));
    Set<Digest> seen = new HashSet<>();
    while (!pending.isEmpty()) {
      var link = pending.pop();
      if (!seen.add(link.digest())) {
        continue;
      }
      var why = fault(link);
      if (why.isPresent()) {
        return why;
      }
      var links = Reach.links(store.blobs(), link.digest());
      pending.addAll(expected(links));
      pending.addAll(links.leaves());
    }
    return Optional.empty();
  }

  /// The documents that have to be there: of an index those that are, unless none is.
  private List<Links.Link> expected(Links links) {
    var there =
        links.documents().stream().filter(link -> store.blobs().contains(link.digest())).toList();
    return links.index() && !there.isEmpty() ? there : links.documents();
  }

  private Optional<String> fault(Links.Link link) throws IOException {
    var digest = link.digest();
    if (damaged.containsKey(digest) || !store.blobs().contains(digest)) {
      boolean elsewhere =
          store.remote().isWithinReach(link)
              || (link.size().isEmpty() && store.layers().isElsewhere(digest));
      return elsewhere
          ? Optional.empty()
          : Optional.of(digest + (damaged.containsKey(digest) ? " is damaged" : " is missing"));
    }
    long size = store.blobs().size(digest);
    if (link.size().isPresent() && link.size().getAsLong() != size) {
      return Optional.of(
          digest + " has " + size + " bytes but should have " + link.size().getAsLong());
    }
    return Optional.empty();
  }

  private void checkRecords() throws IOException {
    for (var key : Names.digests(layout.steps())) {
      var envelope = store.records().envelope(key);
      var why = envelope.isEmpty() ? Optional.of("it is torn") : lack(envelope.get().record());
      if (why.isPresent()) {
        drop(Finding.Kind.RECORD, key, store.records().file(key), why.get());
      }
    }
  }

  /// What a record needs and does not find.
  private Optional<String> lack(byte[] record) throws IOException {
    try {
      for (var blob : Needs.of(record).blobs()) {
        var why = fault(new Links.Link(blob, OptionalLong.empty()));
        if (why.isPresent()) {
          return why;
        }
      }
      return Optional.empty();
    } catch (ImageFormatException e) {
      return Optional.of(Printable.of(String.valueOf(e.getMessage())));
    }
  }

  private void checkLayers() throws IOException {
    for (var diffId : Names.digests(layout.layers())) {
      var file = layout.layers().resolve(diffId.hex());
      Optional<String> why;
      try {
        var index = LayerFacts.parse(Files.readAllBytes(file)).index();
        why = index == null ? Optional.empty() : fault(new Links.Link(index, OptionalLong.empty()));
      } catch (ImageFormatException e) {
        why = Optional.of("it is torn");
      } catch (NoSuchFileException e) {
        continue;
      }
      if (why.isPresent()) {
        drop(Finding.Kind.LAYER, diffId, file, why.get());
      }
    }
  }

  private void checkBuilds() throws IOException {
    for (var key : Names.digests(layout.builds())) {
      var file = store.builds().file(key);
      if (Files.exists(file) && store.builds().last(key).isEmpty()) {
        drop(Finding.Kind.BUILD, key, file, "it is torn");
      }
    }
  }

  private void drop(Finding.Kind kind, Digest key, Path file, String why) throws IOException {
    found(kind, key.toString(), file, why);
    if (repair) {
      Files.deleteIfExists(file);
    }
  }
}
