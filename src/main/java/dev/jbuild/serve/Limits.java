package dev.jbuild.serve;

import java.time.Duration;

/// How much patience the server has, and how long it keeps what nobody needs.
///
/// @param idle how long a connection may be silent between two requests, and a head take to arrive
/// @param stall how long a body may be silent or come very slowly, and an answer not be taken
/// @param connections at most so many at once
/// @param grace how long a blob stays that no manifest names
/// @param uploads of uploads that are not finished
/// @param sweep how long it is from one collection of garbage to the next
record Limits(
    Duration idle,
    Duration stall,
    int connections,
    Duration grace,
    Uploads uploads,
    Duration sweep) {

  /// How many uploads there may be, and how long they wait for who began them.
  ///
  /// @param most open at once
  /// @param room how long one must have been left alone to make room for another
  /// @param kept how long one stays that nobody goes on with, if there is room
  record Uploads(int most, Duration room, Duration kept) {}

  static final Limits DEFAULT =
      new Limits(
          Duration.ofSeconds(75),
          Duration.ofSeconds(60),
          4096,
          Duration.ofHours(1),
          new Uploads(1000, Duration.ofMinutes(5), Duration.ofHours(24)),
          Duration.ofMinutes(5));
}
