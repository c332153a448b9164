package dev.jbuild.loops;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/// Runs benchmarks as JMH's own main class does, and then prints each beside its floor: the one
/// that has the same name and `Floor` behind it.
final class Loops {

  private static final String FLOOR = "Floor";

  private Loops() {}

  /// Takes the options of JMH; of those that only tell something, `-h` and `-l`.
  public static void main(String[] arguments) throws Exception {
    var options = new CommandLineOptions(arguments);
    if (options.shouldHelp()) {
      options.showHelp();
      return;
    }
    var runner = new Runner(options);
    if (options.shouldList()) {
      runner.list();
      return;
    }
    var times = new TreeMap<String, Double>();
    for (var result : runner.run()) {
      var name = result.getParams().getBenchmark();
      int method = name.lastIndexOf('.');
      int type = name.lastIndexOf('.', method - 1);
      times.put(name.substring(type + 1), result.getPrimaryResult().getScore());
    }
    print(times, System.out);
  }

  private static void print(Map<String, Double> times, PrintStream out) {
    out.println();
    out.println("| loop | jbuild, ms | floor, ms | ratio |");
    out.println("|---|---|---|---|");
    times.forEach(
        (loop, time) -> {
          if (!loop.endsWith(FLOOR)) {
            out.println(row(loop, time, times.getOrDefault(loop + FLOOR, Double.NaN)));
          }
        });
  }

  /// @param time in microseconds, as is `floor`, which is NaN if it was not measured
  private static String row(String loop, double time, double floor) {
    return Double.isNaN(floor)
        ? String.format(Locale.ROOT, "| %s | %.3f | – | – |", loop, time / 1000)
        : String.format(
            Locale.ROOT,
            "| %s | %.3f | %.3f | %.2f |",
            loop,
            time / 1000,
            floor / 1000,
            time / floor);
  }
}
