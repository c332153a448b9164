package dev.jbuild.bench;

import java.io.IOException;
import java.util.List;

/// Rows that are measured round by round.
interface Rows {

  /// One run of each row, with each of those that are compared.
  void run(int round) throws IOException, InterruptedException;

  /// What was measured so far.
  List<Samples> samples();
}
