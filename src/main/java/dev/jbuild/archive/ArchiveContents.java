package dev.jbuild.archive;

import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.MediaType;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarLimits;
import dev.jbuild.tar.TarReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a tar with images holds, after one pass over it: its blobs and layers are in the store, the
/// few files that say what they are for in memory. No name in it ever becomes a path on disk.
final class ArchiveContents {

  static final String DOCKER_MANIFEST = "manifest.json";

  private static final Set<String> DOCUMENTS =
      Set.of(LayoutFiles.LAYOUT, LayoutFiles.INDEX, DOCKER_MANIFEST);
  private static final MediaType UNTYPED = new MediaType("application/octet-stream");
  private static final int MOST_LINKS = 10;
  private static final int BUFFER = 1 << 16;

  private final Store store;
  private final Map<String, byte[]> documents = new HashMap<>();
  private final Map<ArchivePath, Descriptor> files = new HashMap<>();
  private final Map<ArchivePath, ArchivePath> links = new HashMap<>();

  private ArchiveContents(Store store) {
    this.store = store;
  }

  /// Reads the tar, which may be compressed, to its end.
  ///
  /// @throws IOException if it is no tar, or a blob in it has not the digest in its name
  static ArchiveContents read(InputStream archive, Store store, TarLimits limits)
      throws IOException {
    var buffered = new BufferedInputStream(archive, BUFFER);
    buffered.mark(1);
    if (buffered.read() < 0) {
      throw new ImageFormatException("the archive is empty");
    }
    buffered.reset();
    var contents = new ArchiveContents(store);
    var tar = new TarReader(Compression.decompressAny(buffered, limits), limits);
    for (var entry = tar.next(); entry != null; entry = tar.next()) {
      contents.add(entry, tar.content());
    }
    return contents;
  }

  private void add(TarEntry entry, InputStream content) throws IOException {
    var path = entry.path();
    switch (entry.type()) {
      case FILE -> addFile(path, entry.size(), content);
      case SYMLINK -> links.put(path, target(path, entry.link()));
      case HARDLINK -> links.put(path, entry.hardLink());
      case DIRECTORY, CHARACTER, BLOCK, FIFO -> {
        // nothing to keep
      }
    }
  }

  /// What a link names, as a path in the archive; `..` stops at its top.
  private static ArchivePath target(ArchivePath link, byte[] text) throws ImageFormatException {
    if (text.length > 0 && text[0] == '/') {
      throw new ImageFormatException(
          "the link " + link.printable() + " leaves the archive: " + Printable.of(text));
    }
    try {
      return ArchivePath.clamped(link.parent() + "/" + Utf8.decode(text));
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException("the link " + link.printable() + ": " + e.getMessage(), e);
    }
  }

  private void addFile(ArchivePath path, long size, InputStream content) throws IOException {
    var name = path.toString();
    if (DOCUMENTS.contains(name)) {
      if (documents.put(name, document(name, size, content)) != null) {
        throw new ImageFormatException("there are two " + name + " in the archive");
      }
      return;
    }
    var digest = blobDigest(path);
    Descriptor stored = null;
    if (digest.isPresent()) {
      stored = new Descriptor(UNTYPED, digest.get(), size);
      store.blobs().put(stored, content);
    } else if (isOfDocker(path)) {
      stored = put(store, content);
    }
    if (stored != null && files.put(path, stored) != null) {
      throw new ImageFormatException("there are two " + path.printable() + " in the archive");
    }
  }

  private static byte[] document(String name, long size, InputStream content) throws IOException {
    if (size > Json.DOCUMENT_LIMIT) {
      throw new ImageFormatException(
          name + " is too large: " + size + " bytes, at most " + Json.DOCUMENT_LIMIT);
    }
    return content.readAllBytes();
  }

  /// The digest in the name of a layout's blob; other algorithms are left alone.
  private static Optional<Digest> blobDigest(ArchivePath path) throws ImageFormatException {
    if (!path.parent().equals(ArchivePath.of(LayoutFiles.SHA256))) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Digest(Printable.of(path.name())));
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException(path.printable() + " is not named by a digest", e);
    }
  }

  /// Whether one of the writers of docker archives gives such a name to a config or layer:
  /// `HEX.json`, `HEX/layer.tar`, `HEX.tar`, `HEX.tar.gz`, `sha256:HEX`.
  private static boolean isOfDocker(ArchivePath path) {
    var name = Printable.of(path.name());
    return name.endsWith(".tar")
        || name.endsWith(".tar.gz")
        || name.endsWith(".tgz")
        || (name.endsWith(".json") && path.parent().isRoot())
        || name.startsWith("sha256:");
  }

  /// Stores what is not known by a digest yet.
  static Descriptor put(Store store, InputStream content) throws IOException {
    try (var writer = store.blobs().create()) {
      var buffer = new byte[BUFFER];
      for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
        writer.write(buffer, 0, n);
      }
      long size = writer.position();
      return new Descriptor(UNTYPED, writer.commit(), size);
    }
  }

  /// One of the files that say what the others are.
  Optional<byte[]> document(String name) {
    return Optional.ofNullable(documents.get(name));
  }

  /// The file that `name` leads to, links followed; its type is not known.
  ///
  /// @throws ImageFormatException if there is none
  Descriptor file(String name) throws ImageFormatException {
    ArchivePath path;
    try {
      path = ArchivePath.of(name);
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException(DOCKER_MANIFEST + " names no file: " + Printable.of(name), e);
    }
    for (int i = 0; i < MOST_LINKS; i++) {
      var file = files.get(path);
      if (file != null) {
        return file;
      }
      var next = links.get(path);
      if (next == null) {
        break;
      }
      path = next;
    }
    throw new ImageFormatException(
        DOCKER_MANIFEST + " names " + Printable.of(name) + ", which is not in the archive");
  }
}
