package dev.jbuild.build;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The SSH agents that a build was given, by id.
///
/// @param sources where each is
public record SshAgents(Map<String, Source> sources) {

  /// Nothing was given.
  public static final SshAgents NONE = new SshAgents(Map.of());

  public SshAgents {
    sources = Map.copyOf(sources);
  }

  /// Where an agent is.
  public sealed interface Source {

    /// One that runs: its socket.
    record Socket(Path path) implements Source {}

    /// One that has to be started, with private keys.
    ///
    /// @param files at least one
    record Keys(List<Path> files) implements Source {
      public Keys {
        files = List.copyOf(files);
      }
    }
  }

  Optional<Source> find(String id) {
    return Optional.ofNullable(sources.get(id));
  }
}
