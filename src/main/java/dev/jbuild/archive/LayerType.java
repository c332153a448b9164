package dev.jbuild.archive;

import dev.jbuild.image.MediaType;
import dev.jbuild.tar.Compression;

/// The media types of layers and the compression they stand for.
final class LayerType {

  private LayerType() {}

  /// The compression of a layer of a type that is [MediaType#isLayer].
  static Compression compression(MediaType type) {
    var oci = type.oci();
    if (oci.equals(MediaType.OCI_LAYER)) {
      return Compression.NONE;
    }
    if (oci.equals(MediaType.OCI_LAYER_GZIP)) {
      return Compression.GZIP;
    }
    if (oci.equals(MediaType.OCI_LAYER_ZSTD)) {
      return Compression.ZSTD;
    }
    throw new IllegalArgumentException("not a layer that we know: " + type);
  }

  /// The type of a layer so compressed.
  static MediaType of(Compression compression) {
    return switch (compression) {
      case NONE -> MediaType.OCI_LAYER;
      case GZIP -> MediaType.OCI_LAYER_GZIP;
      case ZSTD -> MediaType.OCI_LAYER_ZSTD;
      case XZ, BZIP2 ->
          throw new IllegalArgumentException("layers are never packed with " + compression);
    };
  }
}
