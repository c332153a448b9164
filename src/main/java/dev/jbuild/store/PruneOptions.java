package dev.jbuild.store;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/// What a prune may remove.
///
/// Without any option: images without a name, and what no image, no cache record, no kept container
/// and no living process needs; the step cache stays whole.
///
/// @param all the step cache, what is known of builds, and all unpacked trees too
/// @param keepStorage of the step cache so many bytes stay, those used last; the rest goes
/// @param until of images without a name, records, builds and trees only what was last used before
/// @param dryRun nothing is changed
public record PruneOptions(
    boolean all, OptionalLong keepStorage, Optional<Instant> until, boolean dryRun) {

  /// Removes what nothing needs.
  public static final PruneOptions DEFAULT =
      new PruneOptions(false, OptionalLong.empty(), Optional.empty(), false);

  /// Removes all but images with names and what is in use.
  public static final PruneOptions ALL =
      new PruneOptions(true, OptionalLong.empty(), Optional.empty(), false);

  /// Whether the step cache is to lose anything.
  boolean touchesCache() {
    return all || keepStorage.isPresent() || until.isPresent();
  }

  /// Whether what is known of builds may go.
  boolean dropsBuilds() {
    return all || until.isPresent();
  }
}
