package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Span;
import dev.jbuild.layer.Content;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.ViewEntry;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarFormatException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Where a copy puts things: what is below it, and the directories that lead there (dockerfile.md
/// 6.3).
///
/// Links in a destination are followed at every component, inside the root. Directories that exist
/// keep what they are; missing ones are made. The time of each directory that is named is the
/// newest of what is put under it, never the base's, so that a base that was rebuilt changes
/// nothing.
final class Destination {

  private static final int SET_GROUP_ID = 02000;

  private final MergedView below;
  private final LayerDraft draft;
  private final Span span;
  private final Map<ArchivePath, Long> newest = new HashMap<>();
  private final Map<ArchivePath, TarEntry> made = new HashMap<>();

  Destination(MergedView below, LayerDraft draft, Span span) {
    this.below = below;
    this.draft = draft;
    this.span = span;
  }

  /// Where `path` leads, links followed.
  MergedView.Place resolve(ArchivePath path) {
    try {
      return below.resolve(path, true);
    } catch (TarFormatException e) {
      throw failure(
          "the destination /" + path.printable() + " cannot be reached: " + e.getMessage());
    }
  }

  /// What is there already, in this copy or below.
  Optional<TarEntry> find(ArchivePath place) {
    var mine = draft.find(place);
    return mine.isPresent() ? mine : below.find(place).map(ViewEntry::entry);
  }

  /// Makes sure that `place` (no links in it) is a directory, made if missing with its parents.
  ///
  /// @param owner root if empty, and the group then as mkdir(2) has it: a directory in one with the
  ///     set-group-ID bit gets its group. The bit it gets in any case.
  void makeDirectory(ArchivePath place, int mode, Optional<Accounts.Owner> owner) {
    var existing = find(place);
    if (existing.isEmpty()) {
      if (!place.isRoot()) {
        makeDirectory(place.parent(), mode, owner);
      }
      made.put(place, directory(place, mode, owner));
      put(made.get(place));
    } else if (!existing.get().isDirectory()) {
      throw failure("/" + place.printable() + " exists and is no directory")
          .hint("name another place, or remove the file in a RUN before");
    }
  }

  private TarEntry directory(ArchivePath place, int mode, Optional<Accounts.Owner> owner) {
    var above = find(place.parent()).filter(entry -> (entry.mode() & SET_GROUP_ID) != 0);
    int bit = above.isPresent() ? SET_GROUP_ID : 0;
    long gid = owner.map(Accounts.Owner::gid).or(() -> above.map(TarEntry::gid)).orElse(0L);
    return TarEntry.directory(place, mode | bit, owner.orElse(Accounts.Owner.ROOT).uid(), gid, 0);
  }

  private void put(TarEntry directory) {
    draft.add(directory, Content.none(), null);
  }

  /// Notes that something of time `mtime` was put into the directory `place`: it and all above it
  /// are named in the layer.
  void touch(ArchivePath place, long mtime) {
    for (var at = place; !at.isRoot(); at = at.parent()) {
      var known = newest.get(at);
      if (known != null && known >= mtime) {
        return; // and so has everything above
      }
      newest.put(at, mtime);
    }
  }

  /// Names all directories that lead to what was put, with their times. Call it last.
  void finish() {
    newest.forEach(
        (path, mtime) -> {
          boolean copied = draft.find(path).isPresent() && !made.containsKey(path);
          if (!copied) { // a copied directory has a time of its own
            find(path).ifPresent(entry -> put(entry.withMtime(mtime)));
          }
        });
  }

  /// The first directory that was made so that some can list but not enter it.
  Optional<TarEntry> unreachable() {
    return made.values().stream()
        .filter(entry -> ((entry.mode() & 0444) >> 2 & ~entry.mode()) != 0)
        .reduce((one, other) -> one.path().compareTo(other.path()) <= 0 ? one : other);
  }

  BuildFailure failure(String message) {
    return BuildFailure.of(BuildFailure.Kind.CONTEXT, message).at(span);
  }
}
