package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Collects the index of a layer while that is written: at once as bytes, since a layer may have a
/// million files.
final class IndexDraft {

  private final PiecedBytes entries = new PiecedBytes();
  private final IndexWriter writer = new IndexWriter(entries);
  private final List<ArchivePath> hidden = new ArrayList<>();
  private final List<ArchivePath> opaque = new ArrayList<>();
  private final SortedMap<ArchivePath, byte[]> contents = new TreeMap<>();
  private long count;

  /// Adds the next entry of the tar; a whiteout is understood as one.
  void add(TarEntry entry, long offset, @Nullable Digest digest) throws IOException {
    add(entry, offset, digest, IndexEntry.NO_SUM);
  }

  /// @param sum of its content
  void add(TarEntry entry, long offset, @Nullable Digest digest, long sum) throws IOException {
    switch (Whiteout.of(entry)) {
      case Whiteout.None _ -> entry(entry, offset, digest, sum);
      case Whiteout.Hide(var path) -> hidden.add(path);
      case Whiteout.Opaque(var directory) -> opaque.add(directory);
      case Whiteout.Meta _ -> {}
    }
  }

  void entry(TarEntry entry, long offset, @Nullable Digest digest, long sum) throws IOException {
    writer.entry(entry, offset, digest, sum);
    count++;
  }

  void hide(ArchivePath path) {
    hidden.add(path);
  }

  void setOpaque(ArchivePath directory) {
    opaque.add(directory);
  }

  void keep(ArchivePath path, byte[] content) {
    contents.put(path, content);
  }

  /// The index. Call it once, at the end.
  LayerIndex finish() throws IOException {
    paths(hidden);
    paths(opaque);
    writer.number(contents.size());
    for (var each : contents.entrySet()) {
      writer.path(each.getKey());
      writer.bytes(each.getValue());
    }
    var head = new ByteArrayOutputStream();
    head.writeBytes(IndexCodec.MAGIC);
    new IndexWriter(head).number(count);
    var all = entries.toBytes(head.toByteArray());
    return new LayerIndex(all, head.size(), count, hidden, opaque, contents);
  }

  private void paths(List<ArchivePath> paths) throws IOException {
    writer.number(paths.size());
    for (var path : paths) {
      writer.path(path);
    }
  }
}
