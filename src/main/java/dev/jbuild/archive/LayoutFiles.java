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
      var nameless = nameless(image.descriptor());
      if (image.names().isEmpty()) {
        entries.add(nameless);
      }
      for (var name : image.names()) {
        var annotations = new TreeMap<>(nameless.annotations());
        annotations.putAll(annotations(name));
        entries.add(nameless.withAnnotations(annotations));
      }
    }
    return entries;
  }

  /// What an entry of index.json says of an image whatever its name: type, digest, size and other
  /// annotations.
  static Descriptor nameless(Descriptor entry) {
    var annotations = new TreeMap<>(entry.annotations());
    annotations.remove(CONTAINERD_NAME);
    annotations.remove(Descriptor.REF_NAME);
    return entry.bare().withAnnotations(annotations);
  }

  /// The annotations that name an entry; none if it has no name.
  static Map<String, String> name(Descriptor entry) {
    var annotations = new TreeMap<>(entry.annotations());
    annotations.keySet().retainAll(List.of(CONTAINERD_NAME, Descriptor.REF_NAME));
    return annotations;
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
