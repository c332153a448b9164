package dev.jbuild.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Measures jbuild and others side by side.
final class Bench {

  private static final String USAGE =
      """
      Usage: src/bench/bench [OPTIONS]
      Runs the scenarios of docs/performance.md with jbuild and the builders that are installed
      (buildah, and dockerd for BuildKit), checks what they built, and prints a table.
        --rounds N      of each scenario (default 7; medians are shown)
        --heavy N       rounds of the rows that take minutes, S10 to S13 (default: as --rounds)
        --only S3,S4    these scenarios only; a row about "the same" prepares by itself
        --transfer yes  instead, pushes and pulls an image of 1 GiB to and from docker-registry,
                        beside skopeo
        --scale X       sizes of the inputs; 1 is what the page shows, 0.05 a quick look
        --peers DIR     buildah and docker of the Debian whose root file system DIR is
        --without NAME  leave out buildah or BuildKit
        --work DIR      where inputs and stores are (default: a temporary directory, removed); with
                        --peers below /tmp, which they share
        --out DIR       results.json, table.md and chart.svg go there (default: target/bench)
        --join A,B      instead, writes these results.json of earlier runs as one
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
    if (bench.options.containsKey("--join")) {
      bench.join();
    } else {
      bench.run();
    }
  }

  private void join() throws IOException {
    var files = Arrays.stream(options.get("--join").split(",")).map(Path::of).toList();
    var report = Joined.of(files);
    report.write(out());
    System.out.print(report.table());
  }

  private Path out() throws IOException {
    return Files.createDirectories(Path.of(options.getOrDefault("--out", "target/bench")));
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
    if (options.containsKey("--peers") && !work.startsWith("/tmp")) {
      throw new IllegalStateException("--peers needs a --work below /tmp: " + work);
    }
    var out = out();
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
      var names =
          transfer ? List.of("jbuild", "skopeo") : builders.stream().map(Builder::name).toList();
      var rows = transfer ? new Transfer(desk, jbuild) : rows(builders, desk, rounds);
      var report = new Report(machine, names, rows.samples());
      for (int round = 0; round < rounds; round++) {
        rows.run(round);
        report.write(out); // a run that is cut off is not lost
      }
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
    var peers = new Peers(Optional.ofNullable(options.get("--peers")).map(Path::of));
    var builders = new ArrayList<Builder>();
    builders.add(new Jbuild(jbuild, work.resolve("jbuild")));
    if (!without.contains("buildah") && Buildah.isInstalled(peers)) {
      builders.add(new Buildah(work.resolve("buildah"), peers));
    }
    if (!without.contains("BuildKit") && Docker.isInstalled(peers)) {
      builders.add(Docker.start(work.resolve("docker"), peers));
    }
    return builders;
  }

  private Rows rows(List<Builder> builders, Desk desk, int rounds)
      throws IOException, InterruptedException {
    var only = options.containsKey("--only") ? List.of(options.get("--only").split(",")) : null;
    var samples = new ArrayList<Samples>();
    for (var scenario : Scenarios.all()) {
      if (only == null || only.contains(scenario.id())) {
        samples.add(new Samples(scenario));
      }
    }
    int heavy = Integer.parseInt(options.getOrDefault("--heavy", String.valueOf(rounds)));
    var rows = new Builds(builders, desk, samples, heavy);
    rows.prepare(desk.inputs().baseTar());
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
