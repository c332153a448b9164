package dev.jbuild.image;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a blob is, how long it is, and the digest of its bytes (image-spec, descriptor.md).
///
/// @param size in bytes, never negative
/// @param platform of the image that a manifest in an index describes, if it says so
/// @param artifactType of the artifact that a manifest describes, if it says so
public record Descriptor(
    MediaType mediaType,
    Digest digest,
    long size,
    SortedMap<String, String> annotations,
    @Nullable Platform platform,
    @Nullable String artifactType) {

  /// The annotation of an index.json that names an image (image-spec, annotations.md).
  public static final String REF_NAME = "org.opencontainers.image.ref.name";

  public Descriptor {
    if (size < 0) {
      throw new IllegalArgumentException("negative size of " + digest + ": " + size);
    }
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }

  public Descriptor(MediaType mediaType, Digest digest, long size) {
    this(mediaType, digest, size, new TreeMap<>(), null, null);
  }

  public Descriptor withAnnotations(Map<String, String> replacement) {
    return new Descriptor(
        mediaType, digest, size, new TreeMap<>(replacement), platform, artifactType);
  }

  /// What this says of another blob; annotations, platform and artifact type stay.
  public Descriptor withBlob(MediaType type, Digest otherDigest, long otherSize) {
    return new Descriptor(type, otherDigest, otherSize, annotations, platform, artifactType);
  }

  /// Only type, digest and size.
  public Descriptor bare() {
    return new Descriptor(mediaType, digest, size);
  }

  public Descriptor withPlatform(Platform replacement) {
    return new Descriptor(mediaType, digest, size, annotations, replacement, artifactType);
  }
}
