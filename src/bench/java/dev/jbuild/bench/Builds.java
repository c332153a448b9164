package dev.jbuild.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// The scenarios with all builders in turn, so that whatever else the machine does meets all of
/// them alike.
///
/// @param heavyRounds how many rounds the rows have that take minutes
record Builds(List<Builder> builders, Desk desk, List<Samples> samples, int heavyRounds)
    implements Rows {

  /// Gives each builder the base image.
  ///
  /// @param tar its root file system
  void prepare(Path tar) throws IOException, InterruptedException {
    for (var builder : builders) {
      builder.base(tar);
    }
  }

  /// Each round begins with another builder: who comes first may have to pay for what all use, as
  /// for memory that a virtual machine's host took back.
  @Override
  public void run(int round) throws IOException, InterruptedException {
    for (var row : samples) {
      if (row.scenario().heavy() && round >= heavyRounds) {
        continue;
      }
      for (int i = 0; i < builders.size(); i++) {
        var builder = builders.get((round + i) % builders.size());
        var measure = row.scenario().body().run(desk, builder, round);
        measure.ifPresent(each -> row.add(builder.name(), each));
        System.err.printf(
            "round %d %s %s %s%n", round, row.scenario().id(), builder.name(), measure);
      }
    }
  }
}
