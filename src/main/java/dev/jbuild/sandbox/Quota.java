package dev.jbuild.sandbox;

import java.util.OptionalLong;

/// How much of the machine a step may take, all its processes together. Kept by control groups.
///
/// @param memory in bytes, without what is swapped out; empty for as much as there is
/// @param memoryAndSwap in bytes, at least `memory`; -1 for any amount of swap; empty for twice the
///     memory, as with docker
/// @param processes how many there may be at a time, threads included
public record Quota(OptionalLong memory, OptionalLong memoryAndSwap, OptionalLong processes) {

  /// As much as there is.
  public static final Quota NONE =
      new Quota(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

  public Quota {
    long swap = memoryAndSwap.orElse(-1);
    if (memory.orElse(1) <= 0
        || processes.orElse(1) <= 0
        || (swap != -1 && (memory.isEmpty() || swap < memory.getAsLong()))) {
      throw new IllegalArgumentException(memory + " " + memoryAndSwap + " " + processes);
    }
  }

  /// Memory and swap in bytes, -1 for any amount of swap. Of a quota with a limit of memory only.
  long total() {
    return memoryAndSwap.orElseGet(() -> Math.multiplyExact(memory.orElseThrow(), 2));
  }

  boolean isNone() {
    return memory.isEmpty() && processes.isEmpty();
  }
}
