package dev.jbuild.build;

import dev.jbuild.image.ContainerConfig;
import dev.jbuild.sandbox.Network;
import dev.jbuild.sandbox.SandboxKind;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// How a container is started from an image.
///
/// @param command what replaces the image's CMD; empty: the image's own
/// @param entrypoint what replaces the image's ENTRYPOINT, and drops its CMD; an empty text: none
/// @param environment variables over the image's
/// @param user and `directory`: instead of the image's
/// @param sandbox the kind that is wanted; empty: the best that works
/// @param input what the process reads; null: nothing
public record RunRequest(
    List<String> command,
    Optional<String> entrypoint,
    SortedMap<String, String> environment,
    Optional<String> user,
    Optional<String> directory,
    Network network,
    Optional<SandboxKind> sandbox,
    @Nullable InputStream input) {

  public RunRequest {
    command = List.copyOf(command);
  }

  /// The program and its arguments (the table in dockerfile.md 8); empty if there is nothing to
  /// run.
  List<String> argv(ContainerConfig config) {
    var argv = new ArrayList<String>();
    if (entrypoint.isPresent()) {
      if (!entrypoint.get().isEmpty()) {
        argv.add(entrypoint.get());
      }
      argv.addAll(command);
      return argv;
    }
    var own = config.entrypoint();
    if (own != null) {
      argv.addAll(own);
    }
    var cmd = config.cmd();
    argv.addAll(!command.isEmpty() || cmd == null ? command : cmd);
    return argv;
  }
}
