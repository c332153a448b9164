package dev.jbuild.sandbox;

import java.util.List;

/// Whom a step runs as.
///
/// @param groups the supplementary groups, the primary one not necessarily among them
public record StepUser(long uid, long gid, List<Long> groups) {

  /// root, with no other groups.
  public static final StepUser ROOT = new StepUser(0, 0, List.of());

  private static final long LARGEST = 0xFFFF_FFFEL; // the next one means "leave it" to the kernel

  public StepUser {
    groups = List.copyOf(groups);
    check(uid);
    check(gid);
    groups.forEach(StepUser::check);
  }

  private static void check(long id) {
    if (id < 0 || id > LARGEST) {
      throw new IllegalArgumentException("not a user or group ID: " + id);
    }
  }
}
