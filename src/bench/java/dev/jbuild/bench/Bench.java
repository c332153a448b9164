package dev.jbuild.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs the scenarios with all builders in turn, round by round, so that whatever else the machine
/// does meets all of them alike.
final class Bench {

  private static final String USAGE =
      """
      Usage: src/bench/bench [OPTIONS]
      Runs the scenarios of docs/performance.md with jbuild and the builders that are installed
      (buildah, and dockerd for BuildKit), checks what they built, and prints a table.
        --rounds N      of each scenario (default 7; medians are shown)
        --only S3,S4    these scenarios only; a row about "the same" prepares by itself
        --transfer yes  instead, pushes and pulls an image of 1 GiB to and from docker-registry,
                        beside skopeo
        --scale X       sizes of the inputs; 1 is what the page shows, 0.05 a quick look
        --without NAME  leave out buildah or BuildKit
        --work DIR      where inputs and stores are (default: a temporary directory, removed)
        --out DIR       results.json, table.md and chart.svg go there (default: target/bench)
      """;

  private final Map<String, String> options = new LinkedHashMap<>();

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (Arrays.asList(arguments).contains("--help")) {
      System.out.print(USAGE);
      return;
    }
    var bench = new Bench();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      bench.options.put(arguments[i], arguments[i + 1]);
    }
    bench.run();
  }

  private void run() throws IOException, InterruptedException {
    var jbuild = Path.of(options.getOrDefault("--jbuild", "jbuild"));
    double scale = Double.parseDouble(options.getOrDefault("--scale", "1"));
    int rounds = Integer.parseInt(options.getOrDefault("--rounds", "7"));
    boolean temporary = !options.containsKey("--work");
    var work =
        temporary
            ? Files.createTempDirectory("jbuild-bench")
            : Files.createDirectories(Path.of(options.get("--work")));
    var out = Files.createDirectories(Path.of(options.getOrDefault("--out", "target/bench")));
    var desk = new Desk(work, scale, jbuild);
    boolean transfer = options.containsKey("--transfer");
    if (transfer && !Transfer.isPossible()) {
      throw new IllegalStateException("--transfer needs docker-registry and skopeo");
    }
    var builders =
        transfer
            ? List.<Builder>of(new Jbuild(jbuild, work.resolve("jbuild")))
            : builders(jbuild, work);
    try {
      var machine = machine(builders);
      machine.forEach((name, value) -> System.err.println(name + ": " + value));
      var rows =
          transfer ? new Transfer(desk, jbuild).run(rounds) : measure(builders, desk, rounds);
      var names =
          transfer ? List.of("jbuild", "skopeo") : builders.stream().map(Builder::name).toList();
      var report = new Report(machine, names, rows);
      report.writeJson(out.resolve("results.json"));
      report.writeChart(out.resolve("chart.svg"));
      Files.writeString(out.resolve("table.md"), report.table());
      System.out.print(report.table());
    } finally {
      for (var builder : builders) {
        builder.close();
      }
      if (temporary) {
        Shell.run(List.of("rm", "-rf", work.toString()));
      }
    }
  }

  private List<Builder> builders(Path jbuild, Path work) throws IOException, InterruptedException {
    var without = options.getOrDefault("--without", "");
    var builders = new ArrayList<Builder>();
    builders.add(new Jbuild(jbuild, work.resolve("jbuild")));
    if (!without.contains("buildah") && Buildah.isInstalled()) {
      builders.add(new Buildah(work.resolve("buildah")));
    }
    if (!without.contains("BuildKit") && Docker.isInstalled()) {
      builders.add(Docker.start(work.resolve("docker")));
    }
    return builders;
  }

  private List<Samples> measure(List<Builder> builders, Desk desk, int rounds)
      throws IOException, InterruptedException {
    var only = options.containsKey("--only") ? List.of(options.get("--only").split(",")) : null;
    var rows = new ArrayList<Samples>();
    for (var scenario : Scenarios.all()) {
      if (only == null || only.contains(scenario.id())) {
        rows.add(new Samples(scenario));
      }
    }
    for (var builder : builders) {
      builder.base(desk.inputs().baseTar());
    }
    for (int round = 0; round < rounds; round++) {
      for (var row : rows) {
        for (var builder : builders) {
          var measure = row.scenario().body().run(desk, builder, round);
          measure.ifPresent(each -> row.add(builder.name(), each));
          System.err.printf(
              "round %d %s %s %s%n", round, row.scenario().id(), builder.name(), measure);
        }
      }
    }
    return rows;
  }

  private static Map<String, String> machine(List<Builder> builders)
      throws IOException, InterruptedException {
    var machine = new LinkedHashMap<String, String>();
    machine.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
    machine.put("kernel", System.getProperty("os.version"));
    machine.put("load", Files.readString(Path.of("/proc/loadavg")).strip());
    for (var builder : builders) {
      machine.put(builder.name(), builder.version());
    }
    return machine;
  }
}
