package dev.jbuild.cli;

import dev.jbuild.cli.Refused.Row;
import dev.jbuild.cli.Refused.Value;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Options of docker, podman and buildah for registries that jbuild knows by name and does not
// obey.
final class TransferRefused {

  private static final String NO_CIPHER = "jbuild neither encrypts nor decrypts images";
  private static final String NO_SIGNATURE = "jbuild signs nothing; it copies signatures";
  private static final String PLATFORM = "--platform OS/ARCH[/VARIANT] says it";
  private static final String OWN_RETRIES = "what may pass by itself is tried again five times";
  private static final String AUTHFILE = "--authfile says which file";
  private static final Set<String> YES = Set.of("", "true");

  private static final List<Row> ALL =
      List.of(
          new Row(
              "--cert-dir", Value.NEEDED, "certificates lie in certs.d, a directory a registry"),
          new Row("--disable-content-trust", Value.OPTIONAL, "jbuild knows no notary", YES),
          new Row("--retry", Value.NEEDED, OWN_RETRIES),
          new Row("--retry-delay", Value.NEEDED, OWN_RETRIES),
          new Row("--blob-cache", Value.NEEDED, "the store keeps what came"));

  static final List<Row> PULL =
      with(
          new Row("--arch", Value.NEEDED, PLATFORM),
          new Row("--os", Value.NEEDED, PLATFORM),
          new Row("--variant", Value.NEEDED, PLATFORM),
          new Row(
              "--policy",
              Value.NEEDED,
              "jbuild pull asks the registry; --pull of build and run says when these do",
              Set.of("always")),
          new Row("--decryption-key", Value.NEEDED, NO_CIPHER),
          new Row("--remove-signatures", Value.OPTIONAL, "none are pulled", YES));

  static final List<Row> PUSH =
      with(
          new Row("--compress", Value.OPTIONAL, "layers are compressed anyway", YES),
          new Row(
              "--force-compression",
              Value.OPTIONAL,
              "layers that came compressed go as they came",
              Set.of("false")),
          new Row("--add-compression", Value.NEEDED, "an image has one form of each layer"),
          new Row("--format", Value.NEEDED, "images are OCI images", Set.of("oci")),
          new Row("-f", Value.NEEDED, "images are OCI images", Set.of("oci")),
          new Row("--encrypt-layer", Value.NEEDED, NO_CIPHER),
          new Row("--encryption-key", Value.NEEDED, NO_CIPHER),
          new Row("--remove-signatures", Value.OPTIONAL, "none are pushed", YES),
          new Row("--sign-by", Value.NEEDED, NO_SIGNATURE),
          new Row("--sign-by-sigstore", Value.NEEDED, NO_SIGNATURE),
          new Row("--sign-by-sigstore-private-key", Value.NEEDED, NO_SIGNATURE),
          new Row("--sign-passphrase-file", Value.NEEDED, NO_SIGNATURE),
          new Row("--rm", Value.OPTIONAL, "jbuild rmi removes the image"));

  static final List<Row> LOGIN =
      List.of(
          new Row(
              "--cert-dir", Value.NEEDED, "certificates lie in certs.d, a directory a registry"),
          new Row("--compat-auth-file", Value.NEEDED, AUTHFILE),
          new Row("--secret", Value.NEEDED, "--password-stdin takes the password"),
          new Row("--verbose", Value.OPTIONAL, "where the password is kept is told anyway", YES),
          new Row("-v", Value.OPTIONAL, "where the password is kept is told anyway", YES));

  static final List<Row> LOGOUT =
      List.of(
          new Row("--all", Value.OPTIONAL, "say of which registry"),
          new Row("-a", Value.OPTIONAL, "say of which registry"),
          new Row("--compat-auth-file", Value.NEEDED, AUTHFILE));

  private TransferRefused() {}

  private static List<Row> with(Row... more) {
    return Stream.concat(ALL.stream(), Stream.of(more)).toList();
  }
}
