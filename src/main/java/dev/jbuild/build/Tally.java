package dev.jbuild.build;

import dev.jbuild.image.Digest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Counts what the steps of a build did. Safe for use by many threads.
final class Tally {

  private final Map<Digest, Long> newLayers = new HashMap<>();
  private final TreeMap<Position, String> rebuilt = new TreeMap<>();
  private int steps;
  private int cached;

  /// Where a step stands: the number of its platform, of its stage, and its own number there.
  record Position(int platform, int stage, int step) implements Comparable<Position> {

    @Override
    public int compareTo(Position other) {
      int order = Integer.compare(platform, other.platform);
      order = order != 0 ? order : Integer.compare(stage, other.stage);
      return order != 0 ? order : Integer.compare(step, other.step);
    }
  }

  synchronized void hit() {
    steps++;
    cached++;
  }

  /// @param why `build 2: src/a changed`; empty if it only follows from another
  synchronized void miss(Position position, String why) {
    steps++;
    rebuilt.put(position, why);
  }

  /// Says why a step was made that is counted already.
  synchronized void explain(Position position, String why) {
    rebuilt.put(position, why);
  }

  synchronized void made(Digest layer, long size) {
    newLayers.put(layer, size);
  }

  synchronized int steps() {
    return steps;
  }

  synchronized int cachedSteps() {
    return cached;
  }

  synchronized Map<Digest, Long> newLayers() {
    return Map.copyOf(newLayers);
  }

  /// The first step that was not cached, and why; nothing in a build that began with nothing known.
  synchronized Optional<String> firstRebuilt() {
    return rebuilt.values().stream().filter(why -> !why.isEmpty()).findFirst();
  }
}
