package dev.jbuild.image;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An image manifest: the descriptors of a config and of its layers, lowest first (image-spec,
/// manifest.md; Docker's manifest v2, schema 2).
///
/// One that was parsed keeps its bytes; unknown members survive in them.
public final class Manifest {

  private static final List<String> OWN =
      List.of(
          "schemaVersion",
          "mediaType",
          "artifactType",
          "config",
          "layers",
          "subject",
          "annotations");

  /// The members of an index, and those of Docker's schema 1.
  private static final List<String> FOREIGN = List.of("manifests", "fsLayers");

  private final byte[] bytes;
  private final MediaType mediaType;
  private final @Nullable String artifactType;
  private final Descriptor config;
  private final List<Descriptor> layers;
  private final @Nullable Descriptor subject;
  private final SortedMap<String, String> annotations;

  private Manifest(byte[] bytes, MediaType mediaType, JsonObject json) throws ImageFormatException {
    this.bytes = bytes;
    this.mediaType = mediaType;
    this.artifactType = json.string("artifactType").orElse(null);
    this.config = DescriptorJson.read(json.requiredObject("config"));
    this.layers = DescriptorJson.readAll(json, "layers");
    var subjectJson = json.object("subject");
    this.subject = subjectJson.isPresent() ? DescriptorJson.read(subjectJson.get()) : null;
    this.annotations = Collections.unmodifiableSortedMap(json.stringMap("annotations"));
  }

  private Manifest(
      MediaType mediaType,
      @Nullable String artifactType,
      Descriptor config,
      List<Descriptor> layers,
      @Nullable Descriptor subject,
      SortedMap<String, String> annotations) {
    this.mediaType = mediaType;
    this.artifactType = artifactType;
    this.config = config;
    this.layers = List.copyOf(layers);
    this.subject = subject;
    this.annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
    var json = new LinkedHashMap<String, Object>();
    json.put("schemaVersion", 2);
    json.put("mediaType", mediaType.name());
    if (artifactType != null) {
      json.put("artifactType", artifactType);
    }
    json.put("config", DescriptorJson.write(config));
    json.put("layers", DescriptorJson.writeAll(layers));
    if (subject != null) {
      json.put("subject", DescriptorJson.write(subject));
    }
    DescriptorJson.putUnlessEmpty(json, "annotations", annotations);
    this.bytes = Json.write(json);
  }

  /// An OCI manifest.
  public static Manifest of(
      Descriptor config, List<Descriptor> layers, SortedMap<String, String> annotations) {
    return of(MediaType.OCI_MANIFEST, config, layers, annotations);
  }

  /// A manifest of the given kind, which must be [MediaType#isManifest].
  public static Manifest of(
      MediaType mediaType,
      Descriptor config,
      List<Descriptor> layers,
      SortedMap<String, String> annotations) {
    if (!mediaType.isManifest()) {
      throw new IllegalArgumentException("not a manifest's media type: " + mediaType);
    }
    return new Manifest(mediaType, null, config, layers, null, annotations);
  }

  /// An OCI manifest of something that is no image.
  public static Manifest ofArtifact(String type, Descriptor config, List<Descriptor> layers) {
    return new Manifest(MediaType.OCI_MANIFEST, type, config, layers, null, new TreeMap<>());
  }

  /// An OCI manifest of something that says something about `subject`.
  public static Manifest ofReferrer(
      String type,
      Descriptor config,
      List<Descriptor> layers,
      Descriptor subject,
      SortedMap<String, String> annotations) {
    return new Manifest(MediaType.OCI_MANIFEST, type, config, layers, subject, annotations);
  }

  /// An OCI manifest that says the same of other blobs: config and layers in another form.
  public Manifest with(Descriptor otherConfig, List<Descriptor> otherLayers) {
    return new Manifest(
        MediaType.OCI_MANIFEST, artifactType, otherConfig, otherLayers, subject, annotations);
  }

  /// Reads a manifest of at most [Json#DOCUMENT_LIMIT] bytes.
  ///
  /// @param expected the media type that its descriptor or Content-Type gives
  /// @throws ImageFormatException if it is of another type, incomplete, wrong or could be read as
  ///     an index too (CVE-2021-41190)
  public static Manifest parse(byte[] bytes, MediaType expected) throws ImageFormatException {
    var what = "manifest " + Digest.of(bytes);
    if (!expected.isManifest()) {
      throw new ImageFormatException(what + " is of a type that is no image: " + expected);
    }
    var json = JsonObject.parse(bytes, what);
    return new Manifest(bytes.clone(), DescriptorJson.check(json, expected, OWN, FOREIGN), json);
  }

  public MediaType mediaType() {
    return mediaType;
  }

  public Optional<String> artifactType() {
    return Optional.ofNullable(artifactType);
  }

  public Descriptor config() {
    return config;
  }

  /// The layers, lowest first; several may be the same.
  public List<Descriptor> layers() {
    return layers;
  }

  /// The manifest that this one says something about (a referrer, image-spec 1.1).
  public Optional<Descriptor> subject() {
    return Optional.ofNullable(subject);
  }

  public SortedMap<String, String> annotations() {
    return annotations;
  }

  /// The document as it came, or as we write it. The caller's own copy.
  public byte[] bytes() {
    return bytes.clone();
  }

  public Digest digest() {
    return Digest.of(bytes);
  }

  /// What this document is; without annotations and platform.
  public Descriptor descriptor() {
    return new Descriptor(mediaType, digest(), bytes.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Manifest manifest
        && mediaType.equals(manifest.mediaType)
        && Arrays.equals(bytes, manifest.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "manifest " + digest();
  }
}
