package dev.jbuild.registry;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Where a person's files are, told from the environment alone: inside a user namespace everybody
/// is root, and `user.home` is another's.
public final class Home {

  private final Map<String, String> environment;

  public Home(Map<String, String> environment) {
    this.environment = environment;
  }

  /// A file below HOME.
  Optional<Path> file(String first, String... more) {
    return absolute("HOME").map(home -> home.resolve(Path.of(first, more)));
  }

  /// A file below XDG_CONFIG_HOME, by default `~/.config`.
  public Optional<Path> config(String first, String... more) {
    return absolute("XDG_CONFIG_HOME")
        .or(() -> file(".config"))
        .map(directory -> directory.resolve(Path.of(first, more)));
  }

  /// A file below XDG_RUNTIME_DIR, by default `/run/containers/<uid>`'s parent for containers.
  Path runtimeAuth() {
    return absolute("XDG_RUNTIME_DIR")
        .map(directory -> directory.resolve("containers").resolve("auth.json"))
        .orElseGet(() -> Path.of("/run/containers", uid(), "auth.json"));
  }

  private String uid() {
    var uid = environment.getOrDefault("JBUILD_UID", "0");
    return uid.matches("[0-9]{1,10}") ? uid : "0";
  }

  /// Docker's configuration: `$DOCKER_CONFIG/config.json`, by default `~/.docker/config.json`.
  Optional<Path> dockerConfig() {
    return absolute("DOCKER_CONFIG")
        .map(directory -> directory.resolve("config.json"))
        .or(() -> file(".docker", "config.json"));
  }

  /// The directory that a variable names; relative ones are ignored.
  Optional<Path> absolute(String variable) {
    try {
      return Optional.ofNullable(environment.get(variable))
          .filter(text -> !text.isEmpty())
          .map(Path::of)
          .filter(Path::isAbsolute);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
