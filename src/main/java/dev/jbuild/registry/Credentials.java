package dev.jbuild.registry;

import dev.jbuild.failure.Printable;
import dev.jbuild.image.ImageFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Finds who a person is to a registry, in the files where docker, podman and skopeo keep it.
final class Credentials {

  private static final String HUB = "docker.io";

  private final Map<String, String> environment;
  private final Access access;
  private final Consumer<String> warnings;

  /// @param warnings takes what a person should know and that stops nothing
  Credentials(Map<String, String> environment, Access access, Consumer<String> warnings) {
    this.environment = environment;
    this.access = access;
    this.warnings = warnings;
  }

  /// Those of the files alone, without what the command line says.
  Credentials ofFiles() {
    return new Credentials(environment, access.with(Optional.empty(), Map.of()), warnings);
  }

  /// The credential for a repository of a registry; of several the one whose key says most.
  ///
  /// @throws dev.jbuild.failure.BuildFailure if a file or a helper is of no use
  Optional<Credential> find(String host, String repository) throws InterruptedException {
    if (access.credentials().isPresent()) {
      return access.credentials();
    }
    var keys = keys(host, repository);
    for (var key : keys) {
      var named = access.named().get(key);
      if (named != null) {
        return Optional.of(named);
      }
    }
    for (var file : files()) {
      var found = inFile(file, keys, host);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<Credential> inFile(Path file, List<String> keys, String host)
      throws InterruptedException {
    if (file.equals(new Home(environment).dockerConfig().orElse(null))) {
      var inline = inEnvironment(keys, host);
      if (inline.isPresent()) {
        return inline;
      }
    }
    var read = CredentialFile.read(file);
    if (read.isEmpty()) {
      return Optional.empty();
    }
    var found = read.get().find(keys, server(host), environment);
    if (found.isPresent()) {
      warnIfOpen(file);
    }
    return found;
  }

  private Optional<Credential> inEnvironment(List<String> keys, String host)
      throws InterruptedException {
    var text = environment.getOrDefault("DOCKER_AUTH_CONFIG", "");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      var file = CredentialFile.parse(text.getBytes(StandardCharsets.UTF_8), "DOCKER_AUTH_CONFIG");
      return file.find(keys, server(host), environment);
    } catch (ImageFormatException e) {
      throw Failures.of("DOCKER_AUTH_CONFIG cannot be used: it is not JSON");
    }
  }

  private void warnIfOpen(Path file) {
    try {
      if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
        warnings.accept(
            Printable.of(file.toString())
                + " holds a password and can be read by everybody; chmod 600 mends that");
      }
    } catch (IOException | UnsupportedOperationException e) {
      return; // it was read a moment ago: no reason to stop
    }
  }

  private List<Path> files() {
    var home = new Home(environment);
    if (access.authfile().isPresent()) {
      return List.of(access.authfile().get());
    }
    var given = home.absolute("REGISTRY_AUTH_FILE");
    if (given.isPresent()) {
      return List.of(given.get());
    }
    var files = new ArrayList<Path>();
    files.add(home.runtimeAuth());
    home.config("containers", "auth.json").ifPresent(files::add);
    home.dockerConfig().ifPresent(files::add);
    home.file(".dockercfg").ifPresent(files::add);
    return files;
  }

  /// Keys of a repository, the longest first: `host/a/b`, `host/a`, `host`.
  static List<String> keys(String host, String repository) {
    var keys = new ArrayList<String>();
    var name = host + "/" + repository;
    while (name.length() > host.length() + 1) {
      keys.add(name);
      name = name.substring(0, name.lastIndexOf('/'));
    }
    keys.add(host);
    if (host.equals(HUB)) {
      keys.add("index.docker.io");
      keys.add("registry-1.docker.io");
    }
    return keys.stream().distinct().toList();
  }

  /// What a helper, or a key in docker's file, calls the registry.
  static String server(String host) {
    return host.equals(HUB) ? "https://index.docker.io/v1/" : host;
  }
}
