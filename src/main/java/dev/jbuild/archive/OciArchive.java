package dev.jbuild.archive;

import dev.jbuild.image.Descriptor;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes images as an OCI layout, in a tar or as a directory.
///
/// The same images in the same packing give the same bytes: entries have a fixed order, mode, owner
/// and time. Plain layers are compressed with gzip if the packing does not say otherwise.
public final class OciArchive {

  private final Store store;
  private final Packing packing;

  public OciArchive(Store store, Packing packing) {
    this.store = store;
    this.packing = packing;
  }

  /// Writes a tar to `out`, which stays open.
  ///
  /// @return what each image became: its manifest as it stands in the archive
  /// @throws IOException if writing fails or a blob is missing or broken; `out` then has a part
  public List<Descriptor> write(List<NamedImage> images, OutputStream out) throws IOException {
    try (var outgoing = new Outgoing(store, packing, Compression.GZIP)) {
      var leaving = leaving(images, outgoing);
      var files = new LinkedHashMap<String, byte[]>();
      files.put(LayoutFiles.LAYOUT, LayoutFiles.layout());
      files.put(LayoutFiles.INDEX, LayoutFiles.index(LayoutFiles.entries(leaving)));
      LayoutTar.write(out, files, outgoing, packing.mtime());
      return leaving.stream().map(NamedImage::descriptor).toList();
    }
  }

  /// Writes a tar to `file`, which appears, or replaces another, when it is whole.
  public List<Descriptor> write(List<NamedImage> images, Path file) throws IOException {
    return WholeFile.write(file, out -> write(images, out));
  }

  /// Writes into `directory`, which is made if needed. If it is a layout already, its other images
  /// stay and those of the same names are replaced. Its index.json changes last.
  public List<Descriptor> writeDirectory(List<NamedImage> images, Path directory)
      throws IOException {
    try (var outgoing = new Outgoing(store, packing, Compression.GZIP)) {
      var leaving = leaving(images, outgoing);
      new LayoutDirectory(directory).add(LayoutFiles.entries(leaving), outgoing);
      return leaving.stream().map(NamedImage::descriptor).toList();
    }
  }

  /// The same for one image that is known there by a tag alone.
  public Descriptor writeDirectory(Descriptor image, String tag, Path directory)
      throws IOException {
    try (var outgoing = new Outgoing(store, packing, Compression.GZIP)) {
      var leaving = outgoing.add(image);
      var entry = LayoutFiles.nameless(leaving).withAnnotations(Map.of(Descriptor.REF_NAME, tag));
      new LayoutDirectory(directory).add(List.of(entry), outgoing);
      return leaving;
    }
  }

  static List<NamedImage> leaving(List<NamedImage> images, Outgoing outgoing) throws IOException {
    var leaving = new ArrayList<NamedImage>();
    for (var image : images) {
      leaving.add(new NamedImage(outgoing.add(image.descriptor()), image.names()));
    }
    return leaving;
  }
}
