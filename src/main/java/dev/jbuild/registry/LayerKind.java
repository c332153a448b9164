package dev.jbuild.registry;

import dev.jbuild.image.MediaType;

/// Layers that an image names without giving them away: they stay at the addresses that the
/// manifest lists, which are never followed (CVE-2020-15157), and are never pushed (image-spec,
/// layer.md, non-distributable layers).
final class LayerKind {

  private LayerKind() {}

  static boolean isForeign(MediaType type) {
    return type.name().startsWith("application/vnd.oci.image.layer.nondistributable.v1.tar")
        || type.name().startsWith("application/vnd.docker.image.rootfs.foreign.diff.tar");
  }
}
