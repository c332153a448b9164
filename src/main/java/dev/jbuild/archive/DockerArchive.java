package dev.jbuild.archive;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.Platform;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Writes images as `docker save` does since Docker 25: one tar that is an OCI layout and, through
/// manifest.json and repositories, a docker archive at the same time.
///
/// Older Dockers, podman and skopeo find config and layers by the paths in manifest.json. Layers
/// are plain if the packing does not say otherwise. Deterministic like [OciArchive].
public final class DockerArchive {

  private static final String MANIFEST = "manifest.json";
  private static final String REPOSITORIES = "repositories";

  private final Store store;
  private final Packing packing;
  private final Platform platform;

  /// @param platform which image of an index manifest.json names, else the first: only the layout
  ///     knows indexes
  public DockerArchive(Store store, Packing packing, Platform platform) {
    this.store = store;
    var compression = packing.compression().or(() -> Optional.of(Compression.NONE));
    this.packing =
        new Packing(compression, true, packing.level(), packing.threads(), packing.mtime());
    this.platform = platform;
  }

  /// Writes a tar to `out`, which stays open.
  ///
  /// @return what each image became: its manifest as it stands in the archive
  /// @throws IOException if writing fails or a blob is missing or broken; `out` then has a part
  public List<Descriptor> write(List<NamedImage> images, OutputStream out) throws IOException {
    try (var outgoing = new Outgoing(store, packing, Compression.NONE)) {
      var leaving = OciArchive.leaving(images, outgoing);
      var single = new ArrayList<NamedImage>();
      for (var image : images) {
        single.add(new NamedImage(outgoing.add(single(image.descriptor())), image.names()));
      }
      var files = new LinkedHashMap<String, byte[]>();
      files.put(LayoutFiles.LAYOUT, LayoutFiles.layout());
      files.put(LayoutFiles.INDEX, LayoutFiles.index(LayoutFiles.entries(leaving)));
      files.put(MANIFEST, manifest(single, outgoing));
      files.put(REPOSITORIES, repositories(single, outgoing));
      LayoutTar.write(out, files, outgoing, packing.mtime());
      return leaving.stream().map(NamedImage::descriptor).toList();
    }
  }

  /// Writes a tar to `file`, which appears, or replaces another, when it is whole.
  public List<Descriptor> write(List<NamedImage> images, Path file) throws IOException {
    return WholeFile.write(file, out -> write(images, out));
  }

  private Descriptor single(Descriptor image) throws IOException {
    var found = image;
    while (found.mediaType().isIndex()) {
      var bytes = store.blobs().read(found.digest(), Json.DOCUMENT_LIMIT);
      found = single(Index.parse(bytes, found.mediaType()));
    }
    return found;
  }

  private Descriptor single(Index index) throws IOException {
    var fitting = index.find(platform);
    if (fitting.isPresent() && store.blobs().contains(fitting.get().digest())) {
      return fitting.get();
    }
    return index.images().stream()
        .filter(image -> store.blobs().contains(image.digest()))
        .findFirst()
        .orElseThrow(() -> new ImageFormatException("there is no image in " + index));
  }

  private static byte[] manifest(List<NamedImage> images, Outgoing outgoing) {
    var tags = new LinkedHashMap<Descriptor, List<String>>();
    for (var image : images) {
      var names = tags.computeIfAbsent(image.descriptor(), _ -> new ArrayList<>());
      image.names().stream()
          .filter(name -> name.tag().isPresent())
          .forEach(name -> names.add(name.familiar()));
    }
    var entries = new ArrayList<>();
    tags.forEach(
        (descriptor, names) -> {
          var manifest = outgoing.manifest(descriptor.digest());
          var entry = new LinkedHashMap<String, Object>();
          entry.put("Config", LayoutFiles.blob(manifest.config().digest()));
          entry.put("RepoTags", names.isEmpty() ? Json.NULL : names);
          entry.put(
              "Layers",
              manifest.layers().stream().map(layer -> LayoutFiles.blob(layer.digest())).toList());
          entries.add(entry);
        });
    return Json.write(entries);
  }

  /// What Docker before 1.10 read: the top layer of each tag. Still written, as Docker does.
  private static byte[] repositories(List<NamedImage> images, Outgoing outgoing) {
    var repositories = new TreeMap<String, Map<String, String>>();
    for (var image : images) {
      var layers = outgoing.manifest(image.descriptor().digest()).layers();
      for (var name : image.names()) {
        if (name.tag().isPresent() && !layers.isEmpty()) {
          repositories
              .computeIfAbsent(name.repositoryName(), _ -> new TreeMap<>())
              .put(name.tag().get(), layers.getLast().digest().hex());
        }
      }
    }
    return Json.write(repositories);
  }
}
