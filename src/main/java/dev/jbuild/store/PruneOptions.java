package dev.jbuild.store;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/// What a prune may remove.
///
/// Without any option: images without a name, and what no image, no cache record, no kept container
/// and no living process needs; the step cache and the caches of RUN mounts stay whole, and so do
/// kept containers and failed steps.
///
/// @param all the step cache, what is known of builds, all unpacked trees, all caches of RUN
///     mounts, all kept containers and failed steps too
/// @param keepStorage of the step cache so many bytes stay, those used last; the rest goes
/// @param until of images without a name, records, builds, trees, caches of RUN mounts, kept
///     containers and failed steps only what was last used before
/// @param cacheMountsOnly nothing but caches of RUN mounts
/// @param dryRun nothing is changed
public record PruneOptions(
    boolean all,
    OptionalLong keepStorage,
    Optional<Instant> until,
    boolean cacheMountsOnly,
    boolean dryRun) {

  public PruneOptions(
      boolean all, OptionalLong keepStorage, Optional<Instant> until, boolean dryRun) {
    this(all, keepStorage, until, false, dryRun);
  }

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

  /// Whether caches of RUN mounts may go.
  boolean dropsCacheMounts() {
    return all || until.isPresent() || cacheMountsOnly;
  }

  /// Whether kept containers and failed steps may go.
  boolean dropsKept() {
    return all || until.isPresent();
  }

  /// Whether what is known of builds may go.
  boolean dropsBuilds() {
    return all || until.isPresent();
  }
}
