package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What is in a layer, without its bytes: every entry with its place in the plain tar, what the
/// layer hides of the layers below, and the content of the files by which names of users are
/// looked up.
///
/// Immutable. It is kept as a small blob of its own, also when the layer itself is gone.
public final class LayerIndex {

  /// Files whose content is in the index: enough to know users and groups without the layer.
  static final Set<ArchivePath> KEPT =
      Set.of(ArchivePath.of("etc/passwd"), ArchivePath.of("etc/group"));

  /// The longest content that an index keeps.
  static final int LONGEST_KEPT = 256 * 1024;

  private final List<IndexEntry> entries;
  private final List<ArchivePath> hidden;
  private final List<ArchivePath> opaque;
  private final SortedMap<ArchivePath, byte[]> contents;
  private final Map<ArchivePath, Long> offsets = new HashMap<>();

  private LayerIndex(Builder builder) {
    this.entries = List.copyOf(builder.entries);
    this.hidden = List.copyOf(builder.hidden);
    this.opaque = List.copyOf(builder.opaque);
    this.contents = Collections.unmodifiableSortedMap(new TreeMap<>(builder.contents));
    for (var indexed : entries) {
      if (contents.containsKey(indexed.entry().path())) {
        offsets.put(indexed.entry().path(), indexed.offset());
      }
    }
  }

  /// The entries in the order of the tar, whiteouts not among them. Of two with one path the later
  /// holds.
  public List<IndexEntry> entries() {
    return entries;
  }

  /// The paths that the layer hides.
  public List<ArchivePath> hidden() {
    return hidden;
  }

  /// The directories of which the layer hides all that lies below.
  public List<ArchivePath> opaque() {
    return opaque;
  }

  /// Whether the layer changes nothing.
  public boolean isEmpty() {
    return entries.isEmpty() && hidden.isEmpty() && opaque.isEmpty();
  }

  /// Whether this says of a layer what `truth` does, which was read from it; digests aside.
  boolean isTrue(LayerIndex truth) {
    return Arrays.equals(withoutDigests().toBytes(), truth.withoutDigests().toBytes());
  }

  /// The same without digests of files and without empty content, which an entry of no bytes says.
  public LayerIndex withoutDigests() {
    var plain = new Builder();
    entries.forEach(each -> plain.entries.add(new IndexEntry(each.entry(), each.offset(), null)));
    plain.hidden.addAll(hidden);
    plain.opaque.addAll(opaque);
    contents.forEach(
        (path, content) -> {
          if (content.length > 0) {
            plain.contents.put(path, content);
          }
        });
    return plain.build();
  }

  SortedMap<ArchivePath, byte[]> contents() {
    return contents;
  }

  /// The content of the file at `path`, if it is in the index and begins at `offset` of the tar: in
  /// a merged file system another file may have come to that path.
  Optional<byte[]> content(ArchivePath path, long offset) {
    var known = offsets.get(path);
    return known != null && known == offset
        ? Optional.ofNullable(contents.get(path))
        : Optional.empty();
  }

  /// The bytes of the index, equal for equal indexes.
  public byte[] toBytes() {
    try {
      return IndexCodec.write(this);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail so
    }
  }

  /// Reads what [#toBytes] wrote.
  ///
  /// @throws IOException if it is something else
  public static LayerIndex parse(byte[] bytes) throws IOException {
    return IndexCodec.read(bytes);
  }

  /// Collects an index while a layer is written or read.
  static final class Builder {
    private final List<IndexEntry> entries = new ArrayList<>();
    private final List<ArchivePath> hidden = new ArrayList<>();
    private final List<ArchivePath> opaque = new ArrayList<>();
    private final SortedMap<ArchivePath, byte[]> contents = new TreeMap<>();

    /// Adds the next entry of the tar; a whiteout is understood as one.
    void add(TarEntry entry, long offset, @Nullable Digest digest) throws TarFormatException {
      switch (Whiteout.of(entry)) {
        case Whiteout.None _ -> entries.add(new IndexEntry(entry, offset, digest));
        case Whiteout.Hide(var path) -> hidden.add(path);
        case Whiteout.Opaque(var directory) -> opaque.add(directory);
        case Whiteout.Meta _ -> {}
      }
    }

    void hide(ArchivePath path) {
      hidden.add(path);
    }

    void setOpaque(ArchivePath directory) {
      opaque.add(directory);
    }

    /// Whether the content of `entry` belongs into the index.
    static boolean keeps(TarEntry entry) {
      return entry.isFile() && entry.size() <= LONGEST_KEPT && KEPT.contains(entry.path());
    }

    void keep(ArchivePath path, byte[] content) {
      contents.put(path, content);
    }

    LayerIndex build() {
      return new LayerIndex(this);
    }
  }
}
