package dev.jbuild.registry;

import dev.jbuild.image.MediaType;
import dev.jbuild.tar.Compression;

/// The media types of layers, and what they stand for.
///
/// Foreign layers are those that an image names without giving them away: they stay at the
/// addresses that the manifest lists, which are never followed (CVE-2020-15157), and are never
/// pushed (image-spec, layer.md, non-distributable layers).
final class LayerKind {

  private LayerKind() {}

  static boolean isForeign(MediaType type) {
    return type.name().startsWith("application/vnd.oci.image.layer.nondistributable.v1.tar")
        || type.name().startsWith("application/vnd.docker.image.rootfs.foreign.diff.tar");
  }

  /// Whether it is a tar that is not compressed.
  static boolean isPlain(MediaType type) {
    return type.oci().equals(MediaType.OCI_LAYER);
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
