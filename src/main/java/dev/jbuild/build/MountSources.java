package dev.jbuild.build;

import dev.jbuild.context.Selected;
import dev.jbuild.image.Digest;
import dev.jbuild.plan.RunMount;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What the mounts of a step are made from: a build's contexts, stages and images, or what of them
/// was kept with the step.
interface MountSources {

  Store store();

  /// What the person gave: secrets, agents.
  StepSettings settings();

  /// A directory for temporary files.
  Path temporary() throws IOException;

  /// The socket of an SSH agent, if it was given.
  Optional<Path> agent(String id) throws IOException, InterruptedException;

  /// A name in [#temporary] that no other socket has.
  String socketName();

  /// The files that a bind mount shows.
  Shown shown(RunMount.Bind bind) throws IOException, InterruptedException;

  /// Whether nothing is mounted, but moved to its place and back: then what is shown belongs to
  /// this step alone.
  default boolean areMoved() throws IOException, InterruptedException {
    return false;
  }

  /// Is told that the step waits, and whom for.
  default void waits(String reason) {}

  /// The digest of what a cache begins with; empty if that is nothing.
  Optional<Digest> seed(RunMount.Cache cache) throws IOException;

  /// What a new cache with a seed begins with.
  Selected beginning(RunMount.Cache cache) throws IOException;

  /// Directories that a bind mount shows.
  ///
  /// @param trees the topmost first
  /// @param source the path in them that is mounted
  /// @param isDirectory what is there
  /// @param isCopy whether it is a single directory made for mounts, which may be mounted as it is
  ///     where nothing can write to it
  record Shown(List<Path> trees, String source, boolean isDirectory, boolean isCopy) {
    public Shown {
      trees = List.copyOf(trees);
    }
  }
}
