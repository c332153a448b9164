package dev.jbuild.store;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.linux.SmallFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The images of a store and their names: index.json.
///
/// Names are full (`docker.io/library/app:1`). A change is one atomic replacement under a lock: a
/// reader sees the file before or after it, and after a power cut it is one of the two. What others
/// have put into the file stays. Safe for use by many threads and many processes.
///
/// A file that cannot be understood is a failure that names it; it is never overwritten.
public final class References {

  private final Layout layout;
  private final Lease lease;
  private final Blobs blobs;

  /// What stood in the file for the names that were asked for, when they first were.
  private final Map<String, Optional<String>> asked = new ConcurrentHashMap<>();

  private volatile @Nullable Read last;

  /// The document as it was found or written: a build asks for it several times, and understanding
  /// it takes much longer than reading it. What `index` says is not changed.
  private record Read(byte[] bytes, IndexFile index) {}

  References(Layout layout, Lease lease, Blobs blobs) {
    this.layout = layout;
    this.lease = lease;
    this.blobs = blobs;
  }

  /// An image of the store.
  ///
  /// @param name its full name; none if it lost it to another or never had one
  /// @param descriptor of its manifest or index, with all annotations
  public record Entry(Optional<String> name, Descriptor descriptor) {}

  /// All images in the order of the file; one with two names twice.
  public List<Entry> all() throws IOException {
    var entries = new ArrayList<Entry>();
    for (var item : load().items()) {
      var descriptor = item.descriptor();
      if (descriptor != null) {
        entries.add(new Entry(item.name(), descriptor));
      }
    }
    return List.copyOf(entries);
  }

  /// What is called `fullName`.
  public Optional<Descriptor> find(String fullName) throws IOException {
    var item = item(fullName);
    asked.putIfAbsent(fullName, item.map(IndexFile.Item::text));
    return item.flatMap(found -> Optional.ofNullable(found.descriptor()));
  }

  private Optional<IndexFile.Item> item(String fullName) throws IOException {
    for (var item : load().items()) {
      if (item.isNamed(fullName)) {
        return Optional.of(item);
      }
    }
    return Optional.empty();
  }

  /// What has to stand in index.json as long as these are names of `image`, and as the names mean
  /// what they meant to who asked for them here.
  ///
  /// @param fullNames none for an image without a name
  /// @return empty if it is not so now
  public Optional<List<String>> texts(Descriptor image, List<String> fullNames) throws IOException {
    var texts = new ArrayList<String>();
    for (var name : fullNames) {
      item(name).filter(item -> item.is(image.digest())).ifPresent(item -> texts.add(item.text()));
    }
    if (fullNames.isEmpty()) {
      load().items().stream()
          .filter(item -> item.is(image.digest()))
          .findFirst()
          .ifPresent(item -> texts.add(item.text()));
    }
    boolean isNamed = texts.size() == Math.max(1, fullNames.size());
    for (var each : asked.entrySet()) {
      isNamed &= each.getValue().isPresent();
      isNamed &= item(each.getKey()).map(IndexFile.Item::text).equals(each.getValue());
      each.getValue().ifPresent(texts::add);
    }
    for (var text : texts) {
      isNamed &= text.indexOf('\n') < 0; // an answer has them line by line
    }
    return isNamed ? Optional.of(texts) : Optional.empty();
  }

  /// Gives `image` a name. What had the name before stays without one, unless it has another.
  ///
  /// The image is durable when this returns, if all that it names was put into the store before.
  ///
  /// @throws MissingBlobException if the store does not hold its manifest
  public void tag(String fullName, Descriptor image) throws IOException {
    var annotations = new LinkedHashMap<>(image.annotations());
    annotations.put(Descriptor.REF_NAME, fullName);
    var named = image.withAnnotations(annotations);
    prepare(image);
    change(index -> put(index, fullName, named));
  }

  private static boolean put(IndexFile index, String fullName, Descriptor named)
      throws IOException {
    var items = index.items();
    var digest = named.digest().hex();
    if (items.stream().anyMatch(item -> item.is(digest) && named.equals(item.descriptor()))) {
      return false;
    }
    items.removeIf(item -> item.is(digest) && item.isDangling());
    for (int i = 0; i < items.size(); i++) {
      var old = items.get(i);
      if (old.isNamed(fullName)) {
        items.remove(i);
        if (!old.is(digest) && !isIn(items, old)) {
          items.add(i, old.withoutName());
        }
        break;
      }
    }
    items.add(IndexFile.Item.of(named));
    return true;
  }

  private static boolean isIn(List<IndexFile.Item> items, IndexFile.Item image) {
    var descriptor = image.descriptor();
    if (descriptor == null) {
      return false;
    }
    var digest = descriptor.digest().hex();
    return items.stream().anyMatch(item -> item.is(digest));
  }

  /// Adds an image without a name, unless the store has it under any.
  ///
  /// @throws MissingBlobException if the store does not hold its manifest
  public void add(Descriptor image) throws IOException {
    var annotations = new LinkedHashMap<>(image.annotations());
    annotations.remove(Descriptor.REF_NAME);
    prepare(image);
    change(
        index -> {
          var digest = image.digest().hex();
          if (index.items().stream().anyMatch(item -> item.is(digest))) {
            return false;
          }
          return index.items().add(IndexFile.Item.of(image.withAnnotations(annotations)));
        });
  }

  /// What the index will name is there, and stays there.
  private void prepare(Descriptor image) throws IOException {
    if (!lease.keep(image.digest())) {
      throw new MissingBlobException(image.digest());
    }
  }

  /// Takes a name away, and with its last name the image out of the index; a later prune removes
  /// its blobs.
  ///
  /// @return whether there was such a name
  public boolean untag(String fullName) throws IOException {
    return change(index -> index.items().removeIf(item -> item.isNamed(fullName)));
  }

  /// Takes an image out of the index with all its names.
  ///
  /// @return whether it was in it
  public boolean remove(Digest image) throws IOException {
    return change(index -> index.items().removeIf(item -> item.is(image)));
  }

  /// Takes these images out, and of several with one name all but the last lose it.
  void repair(Set<Digest> broken) throws IOException {
    change(
        index -> {
          var items = index.items();
          boolean changed = items.removeIf(item -> broken.stream().anyMatch(item::is));
          var seen = new HashSet<String>();
          for (int i = items.size() - 1; i >= 0; i--) {
            var name = items.get(i).name();
            if (name.isPresent() && !seen.add(name.get())) {
              items.set(i, items.get(i).withoutName());
              changed = true;
            }
          }
          return changed;
        },
        this::read);
  }

  /// Puts `index` in the place of a file that cannot be read, which is kept beside it.
  ///
  /// @return where the old one is now
  Path replaceBroken(byte[] index) throws IOException {
    var aside = layout.index().resolveSibling("index.json.broken");
    try (var _ = Locks.exclusive(layout.indexLock())) {
      if (Files.exists(layout.index())) {
        Files.deleteIfExists(aside);
        Files.createLink(aside, layout.index()); // at no moment is there no index.json
      }
      lease.temps().replace(layout.index(), index, TempArea.Durability.DURABLE);
    }
    return aside;
  }

  /// A change of the document.
  interface Change {
    /// @return whether anything changed
    boolean apply(IndexFile index) throws IOException;
  }

  boolean change(Change change) throws IOException {
    return change(change, this::load);
  }

  private interface Loading {
    IndexFile get() throws IOException;
  }

  private boolean change(Change change, Loading loading) throws IOException {
    var temps = lease.temps();
    try (var _ = Locks.exclusive(layout.indexLock())) {
      var index = loading.get();
      if (!change.apply(index)) {
        blobs.syncAdded(); // what it names is durable, unless a blob of it was written again
        return false;
      }
      blobs.sync(); // before it is named, also if another process wrote it
      var bytes = index.bytes();
      temps.replace(layout.index(), bytes, TempArea.Durability.DURABLE);
      last = new Read(bytes, index);
      return true;
    }
  }

  /// The document as it is now.
  ///
  /// @throws BuildFailure if it is broken
  IndexFile load() throws IOException {
    var index = read();
    var twice = index.doubleName();
    if (twice.isPresent()) {
      throw broken("two images are called " + Printable.of(twice.get()));
    }
    return index;
  }

  /// The same, also if two images have one name.
  IndexFile read() throws IOException {
    try {
      if (Files.size(layout.index()) > IndexFile.LIMIT) {
        throw broken("it is larger than " + IndexFile.LIMIT + " bytes");
      }
      var bytes = SmallFile.bytes(layout.index());
      var known = last;
      if (known == null || !Arrays.equals(known.bytes, bytes)) {
        known = new Read(bytes, IndexFile.parse(bytes, "it"));
        last = known;
      }
      return known.index.copy();
    } catch (NoSuchFileException e) {
      throw broken("it is missing");
    } catch (ImageFormatException e) {
      throw broken(String.valueOf(e.getMessage()));
    }
  }

  private BuildFailure broken(String why) {
    return StoreFailures.of(
            "the list of images " + StoreFailures.printable(layout.index()) + " is broken: " + why)
        .hint(StoreFailures.REPAIR + " (images may lose their names)");
  }
}
