package dev.jbuild.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What one run of a command took.
///
/// @param seconds of the wall clock
/// @param cpuSeconds of the command, its children, and the daemon that worked for it
/// @param peakBytes of memory: the largest process of the command, and daemons that worked for it
/// @param diskBytes that the builder's storage has grown by; 0 where that was not looked at
record Measure(double seconds, double cpuSeconds, long peakBytes, long diskBytes) {

  /// Runs a command to its end.
  ///
  /// @param daemons processes whose CPU time counts too
  /// @throws IllegalStateException if it fails, with what it printed
  static Measure of(List<String> command, Map<String, String> environment, List<Long> daemons)
      throws IOException, InterruptedException {
    var figures = Files.createTempFile("bench", ".time");
    var log = Files.createTempFile("bench", ".log");
    try {
      var all = new ArrayList<>(List.of("/usr/bin/time", "-o", figures.toString()));
      all.addAll(List.of("-f", "%U %S %M"));
      all.addAll(command);
      var builder = new ProcessBuilder(all).redirectErrorStream(true);
      builder.redirectOutput(log.toFile());
      builder.redirectInput(Path.of("/dev/null").toFile());
      builder.environment().putAll(environment);
      forgetPeaks(daemons);
      double daemonsBefore = cpu(daemons);
      long start = System.nanoTime();
      int code = builder.start().waitFor();
      double seconds = (System.nanoTime() - start) / 1e9;
      double daemonsAfter = cpu(daemons);
      if (code != 0) {
        throw new IllegalStateException(
            String.join(" ", command) + "\n" + Files.readString(log, StandardCharsets.ISO_8859_1));
      }
      var fields = Files.readString(figures).strip().split(" ", -1);
      return new Measure(
          seconds,
          Double.parseDouble(fields[0])
              + Double.parseDouble(fields[1])
              + daemonsAfter
              - daemonsBefore,
          Long.parseLong(fields[2]) * 1024 + peaks(daemons),
          0);
    } finally {
      Files.delete(figures);
      Files.delete(log);
    }
  }

  /// One after the other.
  Measure plus(Measure next) {
    return new Measure(
        seconds + next.seconds,
        cpuSeconds + next.cpuSeconds,
        Math.max(peakBytes, next.peakBytes),
        diskBytes + next.diskBytes);
  }

  Measure withDisk(long bytes) {
    return new Measure(seconds, cpuSeconds, peakBytes, bytes);
  }

  /// What processes need at most is counted from now on (proc(5), clear_refs).
  private static void forgetPeaks(List<Long> processes) throws IOException {
    for (long pid : processes) {
      Files.writeString(Path.of("/proc/" + pid + "/clear_refs"), "5");
    }
  }

  private static long peaks(List<Long> processes) throws IOException {
    long bytes = 0;
    for (long pid : processes) {
      for (var line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith("VmHWM:")) {
          bytes += Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    }
    return bytes;
  }

  /// Seconds of CPU that processes and their dead children have had (proc(5), stat).
  private static double cpu(List<Long> processes) throws IOException {
    double ticks = 0;
    for (long pid : processes) {
      var stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      for (int i = 11; i <= 14; i++) {
        ticks += Double.parseDouble(fields[i]);
      }
    }
    return ticks / 100;
  }
}
