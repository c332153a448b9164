package dev.jbuild.registry;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.MediaType;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarLimits;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/// The form in which the indexes of an image's layers lie in a registry: a manifest that refers to
/// the image, with a blob for each index (docs/registries.md, Layer indexes).
public final class IndexArtifact {

  static final String TYPE = "application/vnd.jbuild.layer-indexes.v1";

  /// The longest index that is sent, and believed.
  public static final int LONGEST = 16 << 20;

  /// More blobs of one artifact are not looked at.
  static final int MOST = 1000;

  private static final MediaType INDEX =
      new MediaType("application/vnd.jbuild.layer-index.v1+zstd");

  private static final String DIFF_ID = "dev.jbuild.layer.diff-id";

  /// On the manifest: which layers it knows, so that nobody has to read it to see.
  private static final String LAYERS = "dev.jbuild.layers";

  private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.US_ASCII);
  private static final MediaType EMPTY_TYPE = new MediaType("application/vnd.oci.empty.v1+json");

  private final Map<Digest, byte[]> blobs;
  private final Manifest manifest;

  private IndexArtifact(Map<Digest, byte[]> blobs, Manifest manifest) {
    this.blobs = blobs;
    this.manifest = manifest;
  }

  /// @param subject the manifest of the image
  /// @param indexes by diff ID
  static IndexArtifact of(Descriptor subject, SortedMap<Digest, byte[]> indexes)
      throws IOException {
    var blobs = new TreeMap<Digest, byte[]>();
    var layers = new ArrayList<Descriptor>();
    for (var index : indexes.entrySet()) {
      var packed = packed(index.getValue());
      blobs.put(Digest.of(packed), packed);
      layers.add(descriptor(packed, index.getKey()));
    }
    blobs.put(Digest.of(EMPTY), EMPTY);
    var annotations = new TreeMap<String, String>();
    annotations.put(LAYERS, name(indexes.keySet()));
    var config = new Descriptor(EMPTY_TYPE, Digest.of(EMPTY), EMPTY.length);
    return new IndexArtifact(
        blobs, Manifest.ofReferrer(TYPE, config, layers, subject.bare(), annotations));
  }

  /// @param layers in order
  private static String name(Set<Digest> layers) {
    return Digest.of(layers.toString().getBytes(StandardCharsets.US_ASCII)).toString();
  }

  /// The blob in which an index travels; the same bytes for the same index.
  public static byte[] packed(byte[] index) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var zstd = Compression.ZSTD.compress(out, 1)) {
      zstd.write(index);
    }
    return out.toByteArray();
  }

  /// What a packed index is among the blobs of a manifest.
  public static Descriptor descriptor(byte[] packed, Digest diffId) {
    return new Descriptor(INDEX, Digest.of(packed), packed.length)
        .withAnnotations(Map.of(DIFF_ID, diffId.toString()));
  }

  Manifest manifest() {
    return manifest;
  }

  /// All blobs of the artifact.
  Map<Digest, byte[]> blobs() {
    return blobs;
  }

  /// Whether one of these referrers has the indexes of just these layers, as far as its
  /// annotations tell.
  static boolean isAmong(List<Descriptor> referrers, SortedSet<Digest> layers) {
    var name = name(layers);
    return referrers.stream().anyMatch(each -> name.equals(each.annotations().get(LAYERS)));
  }

  /// Whether it is one of these referrers: a registry need not list annotations.
  boolean isAmong(List<Descriptor> referrers) {
    return referrers.stream().anyMatch(each -> each.digest().equals(manifest.digest()));
  }

  /// The layer whose index a blob of an artifact is; empty for anything else, and for what is too
  /// long to be believed.
  public static Optional<Digest> diffId(Descriptor blob) {
    var text = blob.annotations().getOrDefault(DIFF_ID, "");
    return blob.mediaType().equals(INDEX) && blob.size() <= LONGEST
        ? Repository.digest(text)
        : Optional.empty();
  }

  /// The index in a blob; empty if it is longer than any should be.
  ///
  /// @throws IOException if it is not packed as it should be
  public static Optional<byte[]> unpacked(byte[] packed) throws IOException {
    try (var in =
        Compression.ZSTD.decompress(new ByteArrayInputStream(packed), TarLimits.DEFAULT)) {
      var index = in.readNBytes(LONGEST + 1);
      return index.length > LONGEST ? Optional.empty() : Optional.of(index);
    }
  }
}
