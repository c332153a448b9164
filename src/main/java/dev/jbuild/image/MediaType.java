package dev.jbuild.image;

import dev.jbuild.failure.Printable;
import java.util.Map;

/// A media type of the OCI image-spec (media-types.md) or of Docker's manifest v2, schema 2.
public record MediaType(String name) {

  public static final MediaType OCI_INDEX =
      new MediaType("application/vnd.oci.image.index.v1+json");
  public static final MediaType OCI_MANIFEST =
      new MediaType("application/vnd.oci.image.manifest.v1+json");
  public static final MediaType OCI_CONFIG =
      new MediaType("application/vnd.oci.image.config.v1+json");
  public static final MediaType OCI_LAYER = new MediaType("application/vnd.oci.image.layer.v1.tar");
  public static final MediaType OCI_LAYER_GZIP =
      new MediaType("application/vnd.oci.image.layer.v1.tar+gzip");
  public static final MediaType OCI_LAYER_ZSTD =
      new MediaType("application/vnd.oci.image.layer.v1.tar+zstd");
  public static final MediaType DOCKER_INDEX =
      new MediaType("application/vnd.docker.distribution.manifest.list.v2+json");
  public static final MediaType DOCKER_MANIFEST =
      new MediaType("application/vnd.docker.distribution.manifest.v2+json");
  public static final MediaType DOCKER_CONFIG =
      new MediaType("application/vnd.docker.container.image.v1+json");
  public static final MediaType DOCKER_LAYER =
      new MediaType("application/vnd.docker.image.rootfs.diff.tar");
  public static final MediaType DOCKER_LAYER_GZIP =
      new MediaType("application/vnd.docker.image.rootfs.diff.tar.gzip");
  public static final MediaType DOCKER_LAYER_ZSTD =
      new MediaType("application/vnd.docker.image.rootfs.diff.tar.zstd");

  private static final int LONGEST = 255;

  private static final Map<MediaType, MediaType> OCI_OF =
      Map.of(
          DOCKER_INDEX, OCI_INDEX,
          DOCKER_MANIFEST, OCI_MANIFEST,
          DOCKER_CONFIG, OCI_CONFIG,
          DOCKER_LAYER, OCI_LAYER,
          DOCKER_LAYER_GZIP, OCI_LAYER_GZIP,
          DOCKER_LAYER_ZSTD, OCI_LAYER_ZSTD);

  public MediaType {
    if (name.isEmpty() || name.length() > LONGEST || !Printable.of(name).equals(name)) {
      throw new IllegalArgumentException("not a media type: \"" + Printable.of(name) + "\"");
    }
  }

  public boolean isIndex() {
    return equals(OCI_INDEX) || equals(DOCKER_INDEX);
  }

  public boolean isManifest() {
    return equals(OCI_MANIFEST) || equals(DOCKER_MANIFEST);
  }

  public boolean isConfig() {
    return equals(OCI_CONFIG) || equals(DOCKER_CONFIG);
  }

  /// Whether it is a layer that we can unpack.
  public boolean isLayer() {
    var oci = oci();
    return oci.equals(OCI_LAYER) || oci.equals(OCI_LAYER_GZIP) || oci.equals(OCI_LAYER_ZSTD);
  }

  /// OCI's name for what Docker's name means; any other type as it is. Configs and layers have the
  /// same bytes under both.
  public MediaType oci() {
    return OCI_OF.getOrDefault(this, this);
  }

  @Override
  public String toString() {
    return name;
  }
}
