package dev.jbuild.build;

import dev.jbuild.image.History;
import dev.jbuild.image.ImageConfig;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What time it is, for images: the clock, or the newest time that anything may have.
///
/// A build whose steps are all cached never reads the clock (docs/architecture.md, Time).
final class Times {

  /// What an image from scratch is dated with when nothing in it has a time: 1980-01-01.
  static final long EARLIEST = 315_532_800;

  private final InstantSource clock;
  private final OptionalLong clamp;

  /// @param clamp seconds since the epoch
  Times(InstantSource clock, OptionalLong clamp) {
    this.clock = clock;
    this.clamp = clamp;
  }

  /// The newest time that an entry of a layer may have.
  OptionalLong clamp() {
    return clamp;
  }

  /// The time of what is made now, seconds since the epoch.
  long now() {
    return clamp.isPresent() ? clamp.getAsLong() : clock.instant().getEpochSecond();
  }

  /// Dates the image: entries without a time get that of the newest step before them, or of the
  /// first one after; the image gets the newest of this build, else its base's, else the earliest.
  ImageConfig date(ImageConfig image, StageState state, ImageConfig start) {
    long base = start.created() == null ? EARLIEST : start.created().getEpochSecond();
    long made = state.created().orElse(base);
    var created = Instant.ofEpochSecond(clamp.isPresent() ? clamp.getAsLong() : made);
    var dated =
        state.added() == 0 && state.history().size() == start.history().size()
            ? start.created() == null ? created : start.created()
            : created;
    return image
        .withLayers(state.diffIds(), history(state.history(), start.history().size(), created))
        .withCreated(dated);
  }

  /// Entries of the base stay as they are.
  private static List<History> history(List<History> entries, int ofBase, Instant otherwise) {
    var dated = new ArrayList<>(entries);
    @Nullable Instant last = null;
    for (int i = ofBase; i < dated.size(); i++) {
      var entry = dated.get(i);
      if (entry.created() != null) {
        last = entry.created();
      } else {
        var time = last == null ? firstAfter(entries, i) : last;
        dated.set(i, entry.withCreated(time == null ? otherwise : time));
      }
    }
    return dated;
  }

  private static @Nullable Instant firstAfter(List<History> entries, int from) {
    for (int i = from; i < entries.size(); i++) {
      var created = entries.get(i).created();
      if (created != null) {
        return created;
      }
    }
    return null;
  }
}
