package dev.jbuild.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// An image index: the manifests of one image for several platforms, or the entries of a layout's
/// index.json (image-spec, image-index.md; Docker's manifest list).
///
/// One that was parsed keeps its bytes; unknown members survive in them.
public final class Index {

  private static final List<String> OWN =
      List.of("schemaVersion", "mediaType", "artifactType", "manifests", "subject", "annotations");

  /// The members of a manifest, and those of Docker's schema 1.
  private static final List<String> FOREIGN = List.of("config", "layers", "fsLayers");

  private static final String UNKNOWN = "unknown";

  /// On an attestation: the digest of the image in the same index that it is about.
  private static final String ABOUT = "vnd.docker.reference.digest";

  private final byte[] bytes;
  private final MediaType mediaType;
  private final List<Descriptor> manifests;
  private final SortedMap<String, String> annotations;

  private Index(
      byte[] bytes,
      MediaType mediaType,
      List<Descriptor> manifests,
      SortedMap<String, String> annotations) {
    this.bytes = bytes;
    this.mediaType = mediaType;
    this.manifests = List.copyOf(manifests);
    this.annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }

  /// An OCI index.
  public static Index of(List<Descriptor> manifests, Map<String, String> annotations) {
    return of(MediaType.OCI_INDEX, manifests, annotations);
  }

  /// An index of the given kind, which must be [MediaType#isIndex].
  public static Index of(
      MediaType mediaType, List<Descriptor> manifests, Map<String, String> annotations) {
    if (!mediaType.isIndex()) {
      throw new IllegalArgumentException("not an index's media type: " + mediaType);
    }
    var sorted = new TreeMap<>(annotations);
    var json = new LinkedHashMap<String, Object>();
    json.put("schemaVersion", 2);
    json.put("mediaType", mediaType.name());
    json.put("manifests", DescriptorJson.writeAll(manifests));
    DescriptorJson.putUnlessEmpty(json, "annotations", sorted);
    return new Index(Json.write(json), mediaType, manifests, sorted);
  }

  /// The same with other forms of its manifests. An attestation about one of them follows it.
  ///
  /// @param kind of the index if it changes
  /// @param became by the digest of a manifest, what it is now; those without are left out
  public Index with(MediaType kind, Map<Digest, Descriptor> became) {
    var now = new ArrayList<Descriptor>();
    for (var manifest : manifests) {
      var form = became.get(manifest.digest());
      if (form != null) {
        now.add(
            manifest
                .withBlob(form.mediaType(), form.digest(), form.size())
                .withAnnotations(following(manifest.annotations(), became)));
      }
    }
    return now.equals(manifests) ? this : of(kind, now, annotations);
  }

  private static Map<String, String> following(
      SortedMap<String, String> annotations, Map<Digest, Descriptor> became) {
    var about = annotations.get(ABOUT);
    var changed = new TreeMap<>(annotations);
    for (var each : became.entrySet()) {
      if (each.getKey().toString().equals(about)) {
        changed.put(ABOUT, each.getValue().digest().toString());
      }
    }
    return changed;
  }

  /// Reads an index of at most [Json#DOCUMENT_LIMIT] bytes.
  ///
  /// @param expected the media type that its descriptor or Content-Type gives
  /// @throws ImageFormatException if it is of another type, incomplete, wrong or could be read as
  ///     a manifest too (CVE-2021-41190)
  public static Index parse(byte[] bytes, MediaType expected) throws ImageFormatException {
    return parse(bytes, expected, "index " + Digest.of(bytes), Json.DOCUMENT_LIMIT);
  }

  /// The same for a document called `what` in messages, of at most `limit` bytes.
  public static Index parse(byte[] bytes, MediaType expected, String what, int limit)
      throws ImageFormatException {
    if (!expected.isIndex()) {
      throw new ImageFormatException(what + " is of a type that is no index: " + expected);
    }
    var json = JsonObject.parse(bytes, what, limit);
    var mediaType = DescriptorJson.check(json, expected, OWN, FOREIGN);
    return new Index(
        bytes.clone(),
        mediaType,
        DescriptorJson.readAll(json, "manifests"),
        json.stringMap("annotations"));
  }

  public MediaType mediaType() {
    return mediaType;
  }

  public List<Descriptor> manifests() {
    return manifests;
  }

  /// The manifests but for attestations and other artifacts.
  public List<Descriptor> images() {
    return manifests.stream().filter(Index::isImage).toList();
  }

  /// Attestations have the platform unknown/unknown; other artifacts say what they are.
  private static boolean isImage(Descriptor manifest) {
    var platform = manifest.platform();
    if (platform != null) {
      return !platform.os().equals(UNKNOWN);
    }
    var type = manifest.artifactType();
    return type == null || type.isEmpty() || type.equals(MediaType.OCI_CONFIG.name());
  }

  public SortedMap<String, String> annotations() {
    return annotations;
  }

  /// The manifest for `wanted`.
  ///
  /// @throws ImageFormatException if there is none; the message lists what there is
  public Descriptor select(Platform wanted) throws ImageFormatException {
    return find(wanted)
        .orElseThrow(
            () ->
                new ImageFormatException(
                    "there is no image for " + wanted + ", only for " + platforms()));
  }

  /// The manifest that fits `wanted` best, in the order of [Platform#runs]; else the only image
  /// that names no platform. The first of equals.
  public Optional<Descriptor> find(Platform wanted) {
    for (var platform : wanted.runs()) {
      for (var manifest : manifests) {
        if (platform.equals(manifest.platform())) {
          return Optional.of(manifest);
        }
      }
    }
    var nameless = images().stream().filter(manifest -> manifest.platform() == null).toList();
    return nameless.size() == 1 ? Optional.of(nameless.getFirst()) : Optional.empty();
  }

  private String platforms() {
    var names =
        manifests.stream()
            .map(Descriptor::platform)
            .filter(platform -> platform != null && !platform.os().equals(UNKNOWN))
            .map(String::valueOf)
            .distinct()
            .limit(20)
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? "no platform at all" : names;
  }

  /// The document as it came, or as we write it. The caller's own copy.
  public byte[] bytes() {
    return bytes.clone();
  }

  public Digest digest() {
    return Digest.of(bytes);
  }

  /// What this document is; without annotations.
  public Descriptor descriptor() {
    return new Descriptor(mediaType, digest(), bytes.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Index index
        && mediaType.equals(index.mediaType)
        && Arrays.equals(bytes, index.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "index " + digest();
  }
}
