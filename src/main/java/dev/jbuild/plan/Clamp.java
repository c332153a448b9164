package dev.jbuild.plan;

import java.util.Optional;

/// The latest time that anything in the image may carry (SOURCE_DATE_EPOCH), as it is written.
public sealed interface Clamp {

  /// A fixed time.
  ///
  /// @param seconds since 1970, up to the end of the year 9999
  record At(long seconds) implements Clamp {}

  /// The time of a build context, if it has one: of a git repository's commit, of a file on a web
  /// server.
  ///
  /// @param name of a named context; empty for the build context itself
  record OfContext(Optional<String> name) implements Clamp {}

  /// The time of the one remote source of a stage that holds nothing else.
  ///
  /// @param source a URL or a git repository
  /// @param checksum as the ADD says
  /// @param keepGitDir as the ADD says
  record OfSource(CopySource source, Optional<String> checksum, Optional<Boolean> keepGitDir)
      implements Clamp {}
}
