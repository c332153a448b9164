package dev.jbuild.archive;

import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// An OCI layout as a directory.
final class LayoutDirectory {

  private final Path root;

  LayoutDirectory(Path root) {
    this.root = root;
  }

  /// Adds blobs, then their entries; entries of the same names are replaced, others stay.
  void add(List<Descriptor> entries, Outgoing outgoing) throws IOException {
    var all = new ArrayList<Descriptor>();
    if (Files.exists(root.resolve(LayoutFiles.INDEX))) {
      var replaced = new HashSet<>();
      entries.forEach(entry -> replaced.add(LayoutFiles.name(entry)));
      for (var old : entries()) {
        boolean same = entries.stream().anyMatch(entry -> entry.digest().equals(old.digest()));
        var name = LayoutFiles.name(old);
        if (!replaced.contains(name) || (name.isEmpty() && !same)) {
          all.add(old);
        }
      }
    } else {
      refuseStrangers();
    }
    all.addAll(entries);
    Files.createDirectories(root.resolve(LayoutFiles.SHA256));
    for (var document : outgoing.documents()) {
      write(document, outgoing);
    }
    for (var layer : outgoing.layers()) {
      write(layer, outgoing);
    }
    replace(LayoutFiles.LAYOUT, LayoutFiles.layout());
    replace(LayoutFiles.INDEX, LayoutFiles.index(all));
  }

  private void refuseStrangers() throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (var files = Files.newDirectoryStream(root)) {
      if (files.iterator().hasNext()) {
        throw new IOException(root + " is neither an OCI layout nor empty");
      }
    }
  }

  private void write(OutgoingBlob blob, Outgoing outgoing) throws IOException {
    var file = root.resolve(LayoutFiles.blob(blob.descriptor().digest()));
    if (!holds(file, blob.descriptor())) {
      WholeFile.write(
          file,
          out -> {
            blob.writeTo(out, outgoing.store().blobs());
            return file;
          });
    }
  }

  /// Whether `file` is there and whole; an older run may have been cut off by a full disk.
  private static boolean holds(Path file, Descriptor descriptor) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        || Files.size(file) != descriptor.size()) {
      return false;
    }
    try (var in = new DigestInputStream(Files.newInputStream(file), Digest.sha256())) {
      in.transferTo(OutputStream.nullOutputStream());
      return Digest.ofHash(in.getMessageDigest().digest()).equals(descriptor.digest());
    }
  }

  private void replace(String name, byte[] content) throws IOException {
    WholeFile.write(
        root.resolve(name),
        out -> {
          out.write(content);
          return name;
        });
  }

  /// The entries of index.json.
  List<Descriptor> entries() throws IOException {
    checkVersion(read(LayoutFiles.LAYOUT));
    return Index.parse(
            read(LayoutFiles.INDEX), MediaType.OCI_INDEX, LayoutFiles.INDEX, Json.DOCUMENT_LIMIT)
        .manifests();
  }

  /// The entry that is wanted: by digest, by tag, else the only one, else `latest`.
  ///
  /// @throws ImageFormatException if there is none
  Descriptor find(Optional<String> tag, Optional<Digest> digest) throws IOException {
    var all = entries();
    if (digest.isPresent()) {
      return all.stream()
          .filter(each -> each.digest().equals(digest.get()))
          .findFirst()
          .orElseThrow(() -> new ImageFormatException("it has no image " + digest.get()));
    }
    if (tag.isEmpty() && all.size() == 1) {
      return all.getFirst();
    }
    var wanted = tag.orElse("latest");
    for (var each : all) {
      if (wanted.equals(each.annotations().get(Descriptor.REF_NAME))) {
        return each;
      }
    }
    for (var each : all) {
      if (Names.of(each).filter(name -> isTagged(name, wanted)).isPresent()) {
        return each;
      }
    }
    throw new ImageFormatException("it has no image " + Printable.of(wanted));
  }

  private static boolean isTagged(Reference name, String tag) {
    return name.tag().filter(tag::equals).isPresent();
  }

  static void checkVersion(byte[] layout) throws ImageFormatException {
    var version = JsonObject.parse(layout, LayoutFiles.LAYOUT).requiredString("imageLayoutVersion");
    if (!LayoutFiles.isOurVersion(version)) {
      throw new ImageFormatException(
          LayoutFiles.LAYOUT
              + " has version \""
              + Printable.of(version)
              + "\", which is not known");
    }
  }

  private byte[] read(String name) throws IOException {
    var file = root.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new ImageFormatException("there is no " + name + " in " + root);
    }
    try (InputStream in = Files.newInputStream(file)) {
      var bytes = in.readNBytes(Json.DOCUMENT_LIMIT + 1);
      if (bytes.length > Json.DOCUMENT_LIMIT) {
        throw new ImageFormatException(name + " is too large: more than " + Json.DOCUMENT_LIMIT);
      }
      return bytes;
    }
  }

  /// Opens a blob, if there is such a file; a link or device is none.
  Optional<InputStream> open(Digest digest) throws IOException {
    var file = root.resolve(LayoutFiles.blob(digest));
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        ? Optional.of(Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS))
        : Optional.empty();
  }
}
