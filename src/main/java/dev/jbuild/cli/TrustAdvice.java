package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import java.nio.file.Path;
import java.util.List;

/// How other programs are told to trust the authority that jbuild made for a registry.
final class TrustAdvice {

  private TrustAdvice() {}

  /// @param authority the certificate's file
  /// @param registry as images are named for it, `localhost:5000`
  static List<String> lines(Path authority, String registry) {
    var ca = Printable.of(authority.toString());
    var directory = Printable.of(registry);
    return List.of(
        "clients have to trust the certificate authority in " + ca,
        "  docker:           mkdir -p /etc/docker/certs.d/" + directory,
        "                    cp " + ca + " /etc/docker/certs.d/" + directory + "/ca.crt",
        "  podman, skopeo,   mkdir -p /etc/containers/certs.d/" + directory,
        "  buildah, jbuild:  cp " + ca + " /etc/containers/certs.d/" + directory + "/ca.crt",
        "  curl:             curl --cacert " + ca + " https://" + directory + "/v2/");
  }
}
