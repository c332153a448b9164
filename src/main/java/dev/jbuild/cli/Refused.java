package dev.jbuild.cli;

import java.util.List;

/// Options of other builders that jbuild knows by name and does not obey: refused with a reason,
/// never silently ignored.
final class Refused {

  /// Name, whether a value follows, why.
  private record Row(String name, boolean value, String why) {}

  private static final String NO_CACHE = "this version shares no cache between stores";
  private static final String NO_CGROUP = "steps get no cgroup of their own";
  private static final List<Row> ROWS =
      List.of(
          new Row("--attest", true, "jbuild makes no attestations"),
          new Row("--builder", true, "jbuild has no builder instances"),
          new Row("--cache-from", true, NO_CACHE),
          new Row("--cache-to", true, NO_CACHE),
          new Row("--cgroup-parent", true, NO_CGROUP),
          new Row("--cpu-period", true, NO_CGROUP),
          new Row("--cpu-quota", true, NO_CGROUP),
          new Row("--cpu-shares", true, NO_CGROUP),
          new Row("-c", true, NO_CGROUP),
          new Row("--cpuset-cpus", true, NO_CGROUP),
          new Row("--cpuset-mems", true, NO_CGROUP),
          new Row("--memory", true, NO_CGROUP),
          new Row("-m", true, NO_CGROUP),
          new Row("--memory-swap", true, NO_CGROUP),
          new Row("--pids-limit", true, NO_CGROUP),
          new Row("--provenance", true, "jbuild makes no attestations"),
          new Row("--sbom", true, "jbuild makes no attestations"),
          new Row("--squash", false, "jbuild keeps a layer for each step"));

  private Refused() {}

  static void addTo(Syntax syntax) {
    ROWS.forEach(row -> syntax.hidden(row.name, row.value));
  }

  static void check(Options options) {
    for (var row : ROWS) {
      if (options.has(row.name)) {
        throw Options.usage(row.name + " is not supported: " + row.why);
      }
    }
  }
}
