package dev.jbuild.layer;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A layer that is being thought out: what it will hold, by path, in no matter what order it was
/// said.
///
/// Written in the fixed order of our layers: parents first, in each directory its whiteouts first
/// (image-spec, layer.md: SHOULD), then names by their bytes. So the digest depends on what is in
/// the layer and on nothing else.
public final class LayerDraft {

  /// One thing to write; `entry` is null for a whiteout.
  private record Item(@Nullable TarEntry entry, Content content, @Nullable Digest told) {

    /// Of the content, if it is known.
    @Nullable Digest digest() throws IOException {
      return told == null ? content.digest() : told;
    }
  }

  /// By the path in the tar; whiteouts stand before names because of [#compare].
  private final TreeMap<ArchivePath, Item> items = new TreeMap<>(this::order);

  /// The hard links that were added to each file.
  private final Map<ArchivePath, SortedSet<ArchivePath>> links = new HashMap<>();

  private final OptionalLong clamp;

  /// Whether any of the items is a whiteout. Without one the order is that of paths, which is found
  /// out sooner.
  private boolean hides;

  /// @param clamp the newest time that any entry may have, in seconds since the epoch
  public LayerDraft(OptionalLong clamp) {
    this.clamp = clamp;
  }

  /// Adds an entry; an entry of the same path is replaced. Names that were hard-linked to a file
  /// that is replaced keep it.
  ///
  /// @throws BuildFailure if the name is one that a layer cannot hold, as `.wh.x` (case 14)
  public void add(TarEntry entry, Content content, @Nullable Digest digest) {
    if (!entry.path().isRoot() && Whiteout.isMarker(entry.path().name())) {
      throw BuildFailure.of(
              BuildFailure.Kind.STEP,
              "/"
                  + entry.path().printable()
                  + " cannot be in an image: names that begin with .wh. mean deleted files")
          .hint("give the file another name");
    }
    var replaced = items.put(entry.path(), new Item(clamped(entry), content, digest));
    if (replaced != null && replaced.entry != null) {
      handOn(replaced, replaced.entry);
    }
    if (entry.type() == TarEntry.Type.HARDLINK) {
      links
          .computeIfAbsent(entry.hardLink(), _ -> new TreeSet<>(LayerDraft::compare))
          .add(entry.path());
    }
  }

  /// The first of the names that are linked to a replaced file becomes the file.
  private void handOn(Item file, TarEntry entry) {
    var names = links.remove(entry.path());
    if (names == null) {
      return;
    }
    names.removeIf(name -> !isLink(name, entry.path()));
    if (names.isEmpty()) {
      return;
    }
    var heir = names.removeFirst();
    items.put(heir, new Item(entry.withPath(heir), file.content, file.told));
    for (var name : names) {
      items.put(name, new Item(TarEntry.hardLink(name, heir, entry), Content.none(), null));
    }
    links.put(heir, names);
  }

  private boolean isLink(ArchivePath name, ArchivePath target) {
    return find(name)
        .filter(entry -> entry.type() == TarEntry.Type.HARDLINK && entry.hardLink().equals(target))
        .isPresent();
  }

  /// Hides what lies below at `path`.
  public void hide(ArchivePath path) {
    hides = true;
    items.put(Whiteout.marker(path), new Item(null, Content.none(), null));
  }

  /// The entry that is planned at `path`.
  public Optional<TarEntry> find(ArchivePath path) {
    if (items.isEmpty() || order(path, items.lastKey()) > 0) {
      return Optional.empty(); // most are asked for and added in their order
    }
    return Optional.ofNullable(items.get(path)).map(Item::entry);
  }

  /// The paths of what it will hold, parents first; those that it hides are not among them.
  public List<ArchivePath> paths() {
    return items.values().stream()
        .flatMap(item -> Optional.ofNullable(item.entry).stream())
        .map(TarEntry::path)
        .toList();
  }

  /// The paths that the layer hides.
  public List<ArchivePath> hiddenPaths() {
    var hidden = new ArrayList<ArchivePath>();
    items.forEach(
        (path, item) -> {
          if (item.entry == null) {
            hidden.add(Whiteout.hidden(path));
          }
        });
    return hidden;
  }

  public boolean isEmpty() {
    return items.isEmpty();
  }

  /// How many entries and whiteouts it has.
  public int size() {
    return items.size();
  }

  /// A digest of all that the layer would hold but times: entries, digests of their content, what
  /// is hidden. Content of which no digest is known makes it unique.
  public Digest description() throws IOException {
    var hash = Digest.sha256();
    try (var out =
        new BufferedOutputStream(
            new DigestOutputStream(OutputStream.nullOutputStream(), hash), 1 << 13)) {
      var writer = new IndexWriter(out);
      var hidden = hiddenPaths();
      writer.number(hidden.size());
      for (var path : hidden) {
        writer.path(path);
      }
      for (var item : items.values()) {
        if (item.entry != null) {
          var digest = item.entry.isFile() ? item.digest() : null;
          writer.describe(item.entry, digest);
          if (item.entry.isFile() && digest == null) {
            writer.number(System.identityHashCode(item) & 0xFFFFFFFFL);
            writer.number(System.nanoTime() & Long.MAX_VALUE);
          }
        }
      }
    }
    return Digest.ofHash(hash.digest());
  }

  /// What its index will be, but for the places of what is not written yet.
  ///
  /// @param hashes of which files digests are found out that nobody knows, by reading;
  ///     those with several names always are
  LayerIndex index(Predicate<TarEntry> hashes) throws IOException {
    var index = new LayerIndex.Builder();
    for (var each : items.entrySet()) {
      var item = each.getValue();
      if (item.entry == null) {
        index.hide(Whiteout.hidden(each.getKey()));
      } else {
        var known = item.entry.isFile() ? item.digest() : null;
        boolean isRead =
            known == null
                && item.entry.isFile()
                && (links.containsKey(item.entry.path()) || hashes.test(item.entry));
        index.add(item.entry, 0, isRead ? read(item.content) : known);
      }
    }
    return index.build();
  }

  /// What its index will be, but for places and digests: enough to know the files of a step that
  /// runs before the layer is written. The content that an index keeps is in it.
  public LayerIndex outline() throws IOException {
    var index = new LayerIndex.Builder();
    for (var each : items.entrySet()) {
      var item = each.getValue();
      if (item.entry == null) {
        index.hide(Whiteout.hidden(each.getKey()));
        continue;
      }
      index.add(item.entry, 0, null);
      if (LayerIndex.Builder.keeps(item.entry)) {
        try (var in = item.content.open()) {
          index.keep(item.entry.path(), in.readNBytes((int) item.entry.size()));
        }
      }
    }
    return index.build();
  }

  private static Digest read(Content content) throws IOException {
    var hash = Digest.sha256();
    try (var in = content.open();
        var out = new DigestOutputStream(OutputStream.nullOutputStream(), hash)) {
      in.transferTo(out);
    }
    return Digest.ofHash(hash.digest());
  }

  private TarEntry clamped(TarEntry entry) {
    return clamp.isPresent() && entry.mtime() > clamp.getAsLong()
        ? entry.withMtime(clamp.getAsLong())
        : entry;
  }

  /// Writes the layer into the store. Afterwards the draft is empty: what is written is let go of,
  /// since there may be a million files.
  public WrittenLayer write(Store store) throws IOException {
    return write(store, null);
  }

  /// The same, with what is unchanged since `earlier` read from there.
  public WrittenLayer write(Store store, @Nullable EarlierLayer earlier) throws IOException {
    try (var writer = new LayerWriter(store);
        var parts = new ContentAhead(() -> next(earlier), items.size())) {
      for (var part = parts.next(); part != null; part = parts.next()) {
        if (part.entry() == null) {
          writer.hide(Whiteout.hidden(part.path()));
        } else {
          writer.add(part.entry(), part.content(), part.digest());
        }
      }
      return writer.finish();
    }
  }

  /// Lets go of the next item.
  private ContentAhead.@Nullable Part next(@Nullable EarlierLayer earlier) throws IOException {
    var each = items.pollFirstEntry();
    if (each == null) {
      return null;
    }
    var item = each.getValue();
    var entry = item.entry;
    var digest = entry != null && entry.isFile() ? item.digest() : null;
    var content =
        entry == null || earlier == null
            ? item.content
            : earlier.content(entry, digest, item.content);
    return new ContentAhead.Part(each.getKey(), entry, content, digest);
  }

  private int order(ArchivePath a, ArchivePath b) {
    return hides ? compare(a, b) : a.compareTo(b);
  }

  /// As [ArchivePath#compareTo], but in each directory whiteouts come first.
  private static int compare(ArchivePath a, ArchivePath b) {
    int at = a.mismatch(b);
    if (at < 0) {
      return 0;
    }
    int start = a.startOfName(at);
    boolean isMarker = a.hasAt(start, Whiteout.PREFIX);
    if (isMarker != b.hasAt(start, Whiteout.PREFIX)) {
      // A directory still comes before what is in it.
      return a.length() <= start ? -1 : b.length() <= start ? 1 : isMarker ? -1 : 1;
    }
    return a.compareTo(b);
  }
}
