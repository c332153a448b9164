package dev.jbuild.context;

import dev.jbuild.tar.ArchivePath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What one directory of a [LocalTree] shows.
///
/// @param decision of the rules over the directory itself
/// @param entries sorted
/// @param doubtful those of them that are left out themselves, and are to be seen only if something
///     below them is taken back in
record Listing(Verdict decision, List<SourceEntry> entries, List<SourceEntry> doubtful) {

  /// Whether something in it is to be seen for certain.
  boolean showsSomething() {
    return entries.size() > doubtful.size();
  }

  Optional<SourceEntry> find(ArchivePath path) {
    int low = 0;
    int high = entries.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = entries.get(middle).path().compareTo(path);
      if (order == 0) {
        return Optional.of(entries.get(middle));
      }
      low = order < 0 ? middle + 1 : low;
      high = order < 0 ? high : middle - 1;
    }
    return Optional.empty();
  }

  /// The same with what is in `looked` as it is there: another entry, or none.
  Listing as(Map<ArchivePath, Optional<SourceEntry>> looked) {
    if (!hasSomeOf(looked)) {
      return this;
    }
    var doubted = new HashSet<ArchivePath>();
    doubtful.forEach(entry -> doubted.add(entry.path()));
    var now = new ArrayList<SourceEntry>();
    var nowDoubtful = new ArrayList<SourceEntry>();
    for (var entry : entries) {
      var seen = looked.getOrDefault(entry.path(), Optional.of(entry));
      boolean isDoubtful = doubted.contains(entry.path());
      if (seen.isEmpty() || (isDoubtful && !seen.get().isDirectory())) {
        continue;
      }
      now.add(seen.get());
      if (isDoubtful) {
        nowDoubtful.add(seen.get());
      }
    }
    return new Listing(decision, List.copyOf(now), List.copyOf(nowDoubtful));
  }

  private boolean hasSomeOf(Map<ArchivePath, ?> looked) {
    if (looked.size() > entries.size()) {
      for (var entry : entries) {
        if (looked.containsKey(entry.path())) {
          return true;
        }
      }
      return false;
    }
    for (var path : looked.keySet()) {
      if (find(path).isPresent()) {
        return true;
      }
    }
    return false;
  }
}
