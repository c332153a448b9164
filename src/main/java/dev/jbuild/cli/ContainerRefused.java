package dev.jbuild.cli;

import dev.jbuild.cli.Refused.Row;
import dev.jbuild.cli.Refused.Value;
import java.util.List;
import java.util.Set;

/// Options of docker, podman and buildah for kept containers that jbuild knows by name and does not
/// obey.
final class ContainerRefused {

  private static final String NO_POD = "jbuild has no pods";
  private static final String LATEST = "say its name; jbuild ps -lq tells it";
  private static final String PLAIN = "the image stays in the store, where layers are plain";
  private static final Set<String> YES = Set.of("", "true");

  static final List<Row> PS =
      List.of(
          new Row("--external", Value.OPTIONAL, "jbuild knows its own containers alone"),
          new Row("--storage", Value.OPTIONAL, "jbuild knows its own containers alone"),
          new Row("--namespace", Value.OPTIONAL, "what is kept has no namespaces any more"),
          new Row("--ns", Value.OPTIONAL, "what is kept has no namespaces any more"),
          new Row("--pod", Value.OPTIONAL, NO_POD),
          new Row("-p", Value.OPTIONAL, NO_POD),
          new Row("--sort", Value.NEEDED, "the newest stands first", Set.of("created")),
          new Row("--sync", Value.OPTIONAL, "nothing runs that could be out of step", YES),
          new Row("--watch", Value.NEEDED, "watch jbuild ps does it"),
          new Row("-w", Value.NEEDED, "watch jbuild ps does it"));

  static final List<Row> RM =
      List.of(
          new Row("--link", Value.OPTIONAL, "containers have no links"),
          new Row("-l", Value.OPTIONAL, LATEST),
          new Row("--latest", Value.OPTIONAL, LATEST),
          new Row("--cidfile", Value.NEEDED, "a container has an id once it is kept"));

  static final List<Row> COMMIT =
      List.of(
          new Row(
              "--squash",
              Value.OPTIONAL,
              "a commit adds one layer to those of its image; jbuild build --squash makes one of"
                  + " them",
              Set.of("false")),
          new Row("-s", Value.OPTIONAL, "a commit adds one layer to those of its image"),
          new Row(
              "--format",
              Value.NEEDED,
              "images are OCI images; jbuild save writes an archive for docker load",
              Set.of("oci")),
          new Row("-f", Value.NEEDED, "images are OCI images", Set.of("oci")),
          new Row("--config", Value.NEEDED, "--change takes instructions for the config"),
          new Row("--rm", Value.OPTIONAL, "jbuild rm removes the container"),
          new Row("--timestamp", Value.NEEDED, "the variable SOURCE_DATE_EPOCH sets the time"),
          new Row("--disable-compression", Value.OPTIONAL, PLAIN, YES),
          new Row("-D", Value.OPTIONAL, PLAIN, YES),
          new Row("--omit-history", Value.OPTIONAL, "the history says that it was committed"),
          new Row("--manifest", Value.NEEDED, "a build with --platform makes an index"),
          new Row("--encryption-key", Value.NEEDED, "jbuild encrypts no images"),
          new Row("--encrypt-layer", Value.NEEDED, "jbuild encrypts no images"),
          new Row("--sign-by", Value.NEEDED, "jbuild makes no signatures"));

  static final List<Row> DIFF = List.of(new Row("--latest", Value.OPTIONAL, LATEST));

  static final List<Row> START =
      List.of(
          new Row("--all", Value.OPTIONAL, "jbuild stays with its one container"),
          new Row("--latest", Value.OPTIONAL, LATEST),
          new Row("--detach-keys", Value.NEEDED, "jbuild stays with its container"),
          new Row("--checkpoint", Value.NEEDED, "processes are not kept"),
          new Row("--checkpoint-dir", Value.NEEDED, "processes are not kept"),
          new Row("--filter", Value.NEEDED, "jbuild ps -q --filter … names them"),
          new Row("--sig-proxy", Value.OPTIONAL, "signals are always passed on", YES));

  private ContainerRefused() {}
}
