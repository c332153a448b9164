package dev.jbuild.archive;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Reference;
import dev.jbuild.store.Store;
import dev.jbuild.tar.TarLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Brings images out of files into the store: OCI archives and directories, docker archives old and
/// new, compressed or not.
///
/// Every digest is verified, those of inflated layers too. Names are set after all images of the
/// archive are whole and in the store; a load that fails sets none. What such a load left without a
/// name the next prune removes.
public final class ImageReader {

  private final Store store;
  private final TarLimits limits;
  private final LayerCheck layerCheck;

  public ImageReader(Store store, TarLimits limits) {
    this.store = store;
    this.limits = limits;
    this.layerCheck = new LayerCheck(store, limits);
  }

  /// Loads a file or an OCI layout directory.
  ///
  /// @throws IOException if it is not what it should be; the message names what is wrong
  public List<NamedImage> load(Path source) throws IOException {
    if (Files.isDirectory(source)) {
      var layout = new LayoutDirectory(source);
      return name(new OciImages(store, layerCheck, layout::open).read(layout.entries()));
    }
    try (var in = Files.newInputStream(source)) {
      return load(in);
    }
  }

  /// Brings one image of an OCI layout directory into the store without naming it: the store keeps
  /// it as long as it is open.
  ///
  /// @param tag what the layout calls it; without tag and digest it is the only one, or `latest`
  /// @param digest of its manifest or index
  /// @throws IOException if it is not there or not what it should be
  public Descriptor bring(Path directory, Optional<String> tag, Optional<Digest> digest)
      throws IOException {
    var layout = new LayoutDirectory(directory);
    var found = layout.find(tag, digest);
    var images = new OciImages(store, layerCheck, layout::open).read(List.of(found));
    return images.getFirst().descriptor();
  }

  /// Loads an archive from a stream in one pass, to its end. The stream stays open.
  public List<NamedImage> load(InputStream archive) throws IOException {
    var contents = ArchiveContents.read(archive, store, limits);
    var index = contents.document(LayoutFiles.INDEX);
    var docker = contents.document(ArchiveContents.DOCKER_MANIFEST);
    if (index.isPresent()) {
      return name(oci(contents, index.get(), docker));
    }
    if (docker.isEmpty()) {
      throw new ImageFormatException(
          "there is no image in the archive: neither index.json nor manifest.json");
    }
    return name(new DockerImages(store, limits, layerCheck, contents).read(docker.get()));
  }

  /// The layout is the better half of an archive of `docker save`; manifest.json only lends its
  /// names where the layout has none at all.
  private List<NamedImage> oci(ArchiveContents contents, byte[] index, Optional<byte[]> docker)
      throws IOException {
    var layout =
        contents
            .document(LayoutFiles.LAYOUT)
            .orElseThrow(() -> new ImageFormatException("there is no oci-layout in the archive"));
    LayoutDirectory.checkVersion(layout);
    var entries =
        Index.parse(index, MediaType.OCI_INDEX, LayoutFiles.INDEX, Json.DOCUMENT_LIMIT).manifests();
    var images = new OciImages(store, layerCheck, _ -> Optional.empty()).read(entries);
    if (docker.isEmpty() || images.stream().anyMatch(image -> !image.names().isEmpty())) {
      return images;
    }
    var names = new DockerImages(store, limits, layerCheck, contents);
    var named = new ArrayList<NamedImage>();
    for (var image : images) {
      var config = config(image.descriptor());
      named.add(
          config.isEmpty()
              ? image
              : new NamedImage(image.descriptor(), names.names(docker.get(), config.get())));
    }
    return named;
  }

  private Optional<Digest> config(Descriptor image) throws IOException {
    if (!image.mediaType().isManifest()) {
      return Optional.empty();
    }
    var bytes = store.blobs().read(image.digest(), Json.DOCUMENT_LIMIT);
    return Optional.of(Manifest.parse(bytes, image.mediaType()).config().digest());
  }

  private List<NamedImage> name(List<NamedImage> images) throws IOException {
    if (images.isEmpty()) {
      throw new ImageFormatException("there is no image in the archive");
    }
    var owners = new HashMap<Reference, Digest>();
    for (var image : images) {
      for (var name : image.names()) {
        var owner = owners.putIfAbsent(name, image.descriptor().digest());
        if (owner != null && !owner.equals(image.descriptor().digest())) {
          throw new ImageFormatException("two images have the name " + name.familiar());
        }
      }
    }
    var merged = merged(images);
    for (var image : merged) {
      for (var name : image.names()) {
        store.references().tag(name.full(), image.descriptor());
      }
      if (image.names().isEmpty()) {
        store.references().add(image.descriptor());
      }
    }
    return merged;
  }

  /// One image for each digest, with all its names, in the order of the archive.
  private static List<NamedImage> merged(List<NamedImage> images) {
    Map<Descriptor, List<Reference>> names = new LinkedHashMap<>();
    for (var image : images) {
      names.computeIfAbsent(image.descriptor(), _ -> new ArrayList<>()).addAll(image.names());
    }
    var merged = new ArrayList<NamedImage>();
    names.forEach((descriptor, list) -> merged.add(new NamedImage(descriptor, list)));
    return merged;
  }
}
