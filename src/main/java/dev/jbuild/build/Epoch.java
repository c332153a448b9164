package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.plan.Clamp;
import dev.jbuild.plan.CopySource;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Finds the time that SOURCE_DATE_EPOCH names (dockerfile-rules.md 10).
final class Epoch {

  private final Store store;
  private final Remotes remotes;
  private final Map<String, Long> contexts;

  /// @param contexts times of contexts, by name; the build context has no name
  Epoch(Store store, Remotes remotes, Map<String, Long> contexts) {
    this.store = store;
    this.remotes = remotes;
    this.contexts = Map.copyOf(contexts);
  }

  /// Seconds since 1970; empty if what is named has no time, as a directory of this machine.
  OptionalLong of(Clamp clamp) throws IOException, InterruptedException {
    return switch (clamp) {
      case Clamp.At(var seconds) -> OptionalLong.of(seconds);
      case Clamp.OfContext(var name) -> {
        var time = contexts.get(name.orElse(""));
        yield time == null ? OptionalLong.empty() : OptionalLong.of(time);
      }
      case Clamp.OfSource(var source, var checksum, var keepGitDir) -> {
        try {
          yield of(source, checksum, keepGitDir);
        } catch (BuildFailure e) {
          throw e.where().isPresent() ? e : e.at(source.span());
        }
      }
    };
  }

  private OptionalLong of(
      CopySource source, Optional<String> checksum, Optional<Boolean> keepGitDir)
      throws IOException, InterruptedException {
    return switch (source) {
      case CopySource.Url(var url, _, _) ->
          new ContextOpener(store, remotes, InputStream.nullInputStream(), _ -> {})
              .time(url, checksum);
      case CopySource.Git git -> {
        var reference = CopyInputs.reference(git, checksum, keepGitDir);
        yield OptionalLong.of(remotes.repositories().fetchForDockerfile(reference).time());
      }
      case CopySource.Files _, CopySource.Inline _ -> OptionalLong.empty();
    };
  }
}
