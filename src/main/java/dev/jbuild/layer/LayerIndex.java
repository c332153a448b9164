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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
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

  /// As they are kept: a layer may have a million files, which would take three times as much as
  /// objects.
  private final byte[] bytes;

  private final int first;
  private final long count;
  private final List<ArchivePath> hidden;
  private final List<ArchivePath> opaque;
  private final SortedMap<ArchivePath, byte[]> contents;

  /// Where the files begin whose content was asked for.
  private final Map<ArchivePath, Long> offsets = new ConcurrentHashMap<>();

  /// @param bytes as [IndexCodec] has read them
  /// @param first where the first entry begins
  /// @param count of entries
  LayerIndex(
      byte[] bytes,
      int first,
      long count,
      List<ArchivePath> hidden,
      List<ArchivePath> opaque,
      SortedMap<ArchivePath, byte[]> contents) {
    this.bytes = bytes;
    this.first = first;
    this.count = count;
    this.hidden = List.copyOf(hidden);
    this.opaque = List.copyOf(opaque);
    this.contents = Collections.unmodifiableSortedMap(contents);
  }

  /// How many entries it has.
  long size() {
    return count;
  }

  /// The entries in the order of the tar, whiteouts not among them. Of two with one path the later
  /// holds. A list of its own at each call: [#cursor] is for those who need each but once.
  public List<IndexEntry> entries() {
    var entries = new ArrayList<IndexEntry>();
    for (var cursor = cursor(); cursor.next(); ) {
      entries.add(cursor.entry());
    }
    return entries;
  }

  /// The same, one after the other.
  IndexCursor cursor() {
    return new IndexCursor(bytes, first, count);
  }

  /// The entry that a cursor found at `record`, under the name `path`.
  IndexEntry entry(int record, ArchivePath path) {
    return IndexCodec.entry(bytes, record, path);
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
    return count == 0 && hidden.isEmpty() && opaque.isEmpty();
  }

  /// Whether this says of a layer what `truth` does, which was read from it; digests aside.
  boolean isTrue(LayerIndex truth) {
    return Arrays.equals(withoutDigests().bytes, truth.withoutDigests().bytes);
  }

  /// The same without digests of files and without empty content, which an entry of no bytes says.
  public LayerIndex withoutDigests() {
    var plain = new Builder();
    for (var cursor = cursor(); cursor.next(); ) {
      var each = cursor.entry();
      plain.entry(each.entry(), each.offset(), null);
    }
    hidden.forEach(plain::hide);
    opaque.forEach(plain::setOpaque);
    contents.forEach(
        (path, content) -> {
          if (content.length > 0) {
            plain.keep(path, content);
          }
        });
    return plain.build();
  }

  /// The content of the file at `path`, if it is in the index and begins at `offset` of the tar: in
  /// a merged file system another file may have come to that path.
  Optional<byte[]> content(ArchivePath path, long offset) {
    var content = contents.get(path);
    if (content == null) {
      return Optional.empty();
    }
    var known = offsets.computeIfAbsent(path, this::offset);
    return known == offset ? Optional.of(content) : Optional.empty();
  }

  /// Where the last entry of this path has its content.
  private long offset(ArchivePath path) {
    var wanted = path.bytes();
    long offset = Long.MIN_VALUE;
    for (var cursor = cursor(); cursor.next(); ) {
      if (cursor.is(wanted)) {
        offset = cursor.entry().offset();
      }
    }
    return offset;
  }

  /// As [#toBytes], but nobody may change them.
  byte[] bytes() {
    return bytes;
  }

  /// The bytes of the index, equal for equal indexes that were collected here. The caller's own.
  public byte[] toBytes() {
    return bytes.clone();
  }

  /// Reads what [#toBytes] wrote.
  ///
  /// @param bytes become the index's own: nobody may change them
  /// @throws IOException if it is something else
  public static LayerIndex parse(byte[] bytes) throws IOException {
    return IndexCodec.read(bytes);
  }

  /// Collects an index while a layer is written or read.
  static final class Builder {
    private final IndexDraft draft = new IndexDraft();

    /// Adds the next entry of the tar; a whiteout is understood as one.
    void add(TarEntry entry, long offset, @Nullable Digest digest) throws TarFormatException {
      try {
        draft.add(entry, offset, digest);
      } catch (TarFormatException e) {
        throw e;
      } catch (IOException e) {
        throw new UncheckedIOException(e); // memory does not fail so
      }
    }

    private void entry(TarEntry entry, long offset, @Nullable Digest digest) {
      try {
        draft.entry(entry, offset, digest, IndexEntry.NO_SUM);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void hide(ArchivePath path) {
      draft.hide(path);
    }

    void setOpaque(ArchivePath directory) {
      draft.setOpaque(directory);
    }

    /// Whether the content of `entry` belongs into the index.
    static boolean keeps(TarEntry entry) {
      return entry.isFile() && keeps(entry.path(), entry.size());
    }

    /// The same for a file at `path` of `size` bytes.
    static boolean keeps(ArchivePath path, long size) {
      return size <= LONGEST_KEPT && KEPT.contains(path);
    }

    void keep(ArchivePath path, byte[] content) {
      draft.keep(path, content);
    }

    /// Call it once, at the end.
    LayerIndex build() {
      try {
        return draft.finish();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
