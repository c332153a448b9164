package dev.jbuild.context;

import dev.jbuild.failure.Utf8;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Finds names that a person may have meant: those of a tree that differ from the given one by few
/// letters, name by name.
final class NearestName {

  private static final int MOST = 3;

  /// Larger directories are not searched: the answer would come late, and be chance.
  private static final int MOST_NAMES = 10_000;

  private final SourceTree tree;

  NearestName(SourceTree tree) {
    this.tree = tree;
  }

  private record Candidate(ArchivePath path, int distance) {}

  /// Existing paths like `path`, the nearest first, at most three.
  List<ArchivePath> to(ArchivePath path) throws IOException {
    var candidates = List.of(new Candidate(ArchivePath.ROOT, 0));
    for (var name : path.toString().split("/", -1)) {
      candidates = step(candidates, name);
    }
    return candidates.stream().map(Candidate::path).toList();
  }

  private List<Candidate> step(List<Candidate> directories, String name) throws IOException {
    int allowed = Math.clamp(name.length() / 3L, 1, 3);
    var next = new ArrayList<Candidate>();
    for (var directory : directories) {
      var entries = tree.list(directory.path);
      if (entries.size() > MOST_NAMES) {
        continue;
      }
      for (var entry : entries) {
        int distance = distance(name, Utf8.decode(entry.path().name()), allowed);
        if (distance <= allowed) {
          next.add(new Candidate(entry.path(), directory.distance + distance));
        }
      }
    }
    next.sort(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::path));
    return next.subList(0, Math.min(MOST, next.size()));
  }

  /// How many letters must be inserted, removed, replaced, or swapped with their neighbour (each at
  /// most once: optimal string alignment). A difference of case counts as one letter in all.
  static int distance(String a, String b, int limit) {
    if (Math.abs(a.length() - b.length()) > limit) {
      return limit + 1;
    }
    if (!a.equals(b) && a.equalsIgnoreCase(b)) {
      return 1;
    }
    var older = new int[b.length() + 1];
    var old = new int[b.length() + 1];
    var row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      var free = older;
      older = old;
      old = row;
      row = free;
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(old[j], row[j - 1]) + 1, old[j - 1] + cost);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], older[j - 2] + 1);
        }
      }
    }
    return row[b.length()];
  }
}
