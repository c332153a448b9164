package dev.jbuild.cli;

import java.util.List;
import java.util.Set;

/// Options of other builders that jbuild knows by name and does not obey: refused with a reason,
/// never silently ignored. A value that asks for what jbuild does anyway is taken.
final class Refused {

  enum Value {
    NONE,
    NEEDED,
    OPTIONAL
  }

  /// Name, whether a value follows, why, and the values that ask for what is so anyway; the empty
  /// one is that of the option alone.
  record Row(String name, Value value, String why, Set<String> met) {
    Row(String name, Value value, String why) {
      this(name, value, why, Set.of());
    }
  }

  static final String NO_CGROUP = "jbuild limits memory and processes, not processors";
  private static final String NO_ATTESTATION = "jbuild makes no attestations";
  private static final String NO_CONTAINER = "no container of a step is kept";
  private static final String OWN_LIMITS = "what a step may do is always the same";
  private static final String ONE_LAYER_A_STEP = "jbuild keeps a layer for each step";
  private static final Set<String> YES = Set.of("", "true");
  private static final Set<String> EITHER = Set.of("", "true", "false");
  private static final List<Row> ROWS =
      List.of(
          new Row(
              "--attest",
              Value.NEEDED,
              NO_ATTESTATION,
              Set.of("type=provenance,disabled=true", "type=sbom,disabled=true")),
          new Row("--builder", Value.NEEDED, "jbuild has no builder instances"),
          new Row("--cgroup-parent", Value.NEEDED, NO_CGROUP),
          new Row("--cpu-period", Value.NEEDED, NO_CGROUP),
          new Row("--cpu-quota", Value.NEEDED, NO_CGROUP),
          new Row("--cpu-shares", Value.NEEDED, NO_CGROUP),
          new Row("-c", Value.NEEDED, NO_CGROUP),
          new Row("--cpuset-cpus", Value.NEEDED, NO_CGROUP),
          new Row("--cpuset-mems", Value.NEEDED, NO_CGROUP),
          new Row("--policy", Value.NEEDED, "jbuild has no policies for sources"),
          new Row("--print", Value.NEEDED, "--call is what it is called now"),
          new Row("--provenance", Value.NEEDED, NO_ATTESTATION, Set.of("false")),
          new Row("--sbom", Value.NEEDED, NO_ATTESTATION, Set.of("false")),
          new Row("--rm", Value.OPTIONAL, NO_CONTAINER, YES),
          new Row("--force-rm", Value.OPTIONAL, NO_CONTAINER, EITHER),
          new Row("--compress", Value.OPTIONAL, "the context is read where it lies", EITHER),
          new Row("--layers", Value.OPTIONAL, ONE_LAYER_A_STEP, YES),
          new Row(
              "--format",
              Value.NEEDED,
              "images are OCI images; -o type=docker writes an archive for docker load",
              Set.of("oci")),
          new Row(
              "--isolation",
              Value.NEEDED,
              "--sandbox says how steps are kept apart",
              Set.of("default")),
          new Row("--security-opt", Value.NEEDED, OWN_LIMITS),
          new Row("--cap-add", Value.NEEDED, OWN_LIMITS),
          new Row("--cap-drop", Value.NEEDED, OWN_LIMITS),
          new Row("--device", Value.NEEDED, "steps have a fixed set of devices"),
          new Row("--volume", Value.NEEDED, "RUN --mount gives files to a step"),
          new Row("-v", Value.NEEDED, "RUN --mount gives files to a step"),
          new Row(
              "--ignorefile",
              Value.NEEDED,
              "NAME.dockerignore beside the Dockerfile NAME is what it has of its own"),
          new Row("--timestamp", Value.NEEDED, "the variable SOURCE_DATE_EPOCH sets the time"),
          new Row("--disable-content-trust", Value.OPTIONAL, "jbuild checks no signatures", YES));

  private Refused() {}

  static void addTo(Syntax syntax) {
    addTo(syntax, ROWS);
  }

  /// The same for the table of another command.
  static void addTo(Syntax syntax, List<Row> rows) {
    for (var row : rows) {
      switch (row.value) {
        case NONE -> syntax.hidden(row.name, false);
        case NEEDED -> syntax.hidden(row.name, true);
        case OPTIONAL -> syntax.hiddenOptional(row.name);
      }
    }
  }

  static void check(Options options) {
    check(options, ROWS);
  }

  /// The same for the table of another command.
  static void check(Options options, List<Row> rows) {
    for (var row : rows) {
      if (options.has(row.name) && !isMet(row, options)) {
        throw Options.usage(row.name + " is not supported: " + row.why);
      }
    }
  }

  private static boolean isMet(Row row, Options options) {
    return row.value != Value.NONE && row.met.containsAll(options.values(row.name));
  }
}
