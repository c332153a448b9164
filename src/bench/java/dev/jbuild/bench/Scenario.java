package dev.jbuild.bench;

import java.io.IOException;
import java.util.Optional;

/// One row of the table.
///
/// @param id as in docs/performance.md
/// @param heavy whether a round of it takes minutes
/// @param goal time of jbuild divided by that of the best other builder: what is aimed at
/// @param body one run with one builder: prepares, times, checks
record Scenario(String id, String title, boolean heavy, double goal, Body body) {

  /// What happens in one round.
  interface Body {
    /// @return empty if the builder cannot do it
    Optional<Measure> run(Desk desk, Builder builder, int round)
        throws IOException, InterruptedException;
  }
}
