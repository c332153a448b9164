package dev.jbuild.archive;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Index;
import dev.jbuild.image.Reference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The files of an OCI layout: their names and what stands in them (image-spec, image-layout.md).
final class LayoutFiles {

  static final String LAYOUT = "oci-layout";
  static final String INDEX = "index.json";
  static final String BLOBS = "blobs";
  static final String SHA256 = "blobs/sha256";

  /// The annotation in which containerd and docker look for the whole name of an image.
  static final String CONTAINERD_NAME = "io.containerd.image.name";

  private static final String VERSION = "1.0.0";

  private LayoutFiles() {}

  static byte[] layout() {
    return ("{\"imageLayoutVersion\":\"" + VERSION + "\"}").getBytes(StandardCharsets.UTF_8);
  }

  static boolean isOurVersion(String version) {
    return version.equals(VERSION);
  }

  static String blob(Digest digest) {
    return SHA256 + "/" + digest.hex();
  }

  /// The entries of index.json: one for each name, or one without.
  static List<Descriptor> entries(List<NamedImage> images) {
    var entries = new ArrayList<Descriptor>();
    for (var image : images) {
      var plain = image.descriptor().bare();
      if (image.names().isEmpty()) {
        entries.add(plain);
      }
      for (var name : image.names()) {
        entries.add(plain.withAnnotations(annotations(name)));
      }
    }
    return entries;
  }

  private static Map<String, String> annotations(Reference name) {
    var annotations = new TreeMap<String, String>();
    annotations.put(CONTAINERD_NAME, name.full());
    name.tag().ifPresent(tag -> annotations.put(Descriptor.REF_NAME, tag));
    return annotations;
  }

  static byte[] index(List<Descriptor> entries) {
    return Index.of(entries, Map.of()).bytes();
  }
}
