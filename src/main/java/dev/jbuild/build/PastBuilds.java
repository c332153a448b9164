package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The builds that a store remembers.
public final class PastBuilds {

  private PastBuilds() {}

  /// A build for one platform.
  ///
  /// @param at when it ended
  public record Past(Instant at, BuildRecord record) {}

  /// The last build of those that `wanted` takes, one for each platform that was ever built of it,
  /// the newest first; nothing if there was none.
  public static List<Past> last(Store store, Predicate<BuildRecord.What> wanted)
      throws IOException {
    var found = new ArrayList<Past>();
    for (var key : store.builds().newestFirst()) {
      var record = read(store, key).filter(each -> wanted.test(each.what()));
      if (record.isPresent() && (found.isEmpty() || isSame(found.getFirst(), record.get()))) {
        found.add(new Past(store.builds().at(key), record.get()));
      }
    }
    return found;
  }

  private static boolean isSame(Past newest, BuildRecord other) {
    var what = newest.record.what();
    return what.dockerfile().equals(other.what().dockerfile())
        && what.context().equals(other.what().context())
        && what.target().equals(other.what().target());
  }

  /// One that cannot be read counts as forgotten; so does that of a jbuild that did not yet write
  /// what it was of.
  static Optional<BuildRecord> read(Store store, Digest key) throws IOException {
    var bytes = store.builds().last(key);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(BuildRecord.parse(bytes.get()))
          .filter(record -> record.what().key().equals(key));
    } catch (ImageFormatException e) {
      return Optional.empty();
    }
  }
}
