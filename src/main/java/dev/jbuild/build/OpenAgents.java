package dev.jbuild.build;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The SSH agents of one build. One for key files is started for the first who asks, and ends with
/// the build. Safe for use by many threads.
final class OpenAgents implements AutoCloseable {

  private final SshAgents given;
  private final Map<String, KeyAgent> started = new HashMap<>();

  OpenAgents(SshAgents given) {
    this.given = given;
  }

  /// The socket of the agent `id`, if it was given.
  synchronized Optional<Path> socket(String id) throws IOException, InterruptedException {
    var source = given.find(id);
    if (source.isEmpty()) {
      return Optional.empty();
    }
    return switch (source.get()) {
      case SshAgents.Source.Socket(var path) -> Optional.of(path);
      case SshAgents.Source.Keys(var files) -> {
        var known = started.get(id);
        if (known == null) {
          known = KeyAgent.start(files);
          started.put(id, known);
        }
        yield Optional.of(known.socket());
      }
    };
  }

  @Override
  public synchronized void close() throws IOException {
    for (var agent : started.values()) {
      agent.close();
    }
  }
}
