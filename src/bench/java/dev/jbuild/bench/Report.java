package dev.jbuild.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// The results: a table, a JSON file with every sample, a chart.
record Report(Map<String, String> machine, List<String> builders, List<Samples> rows) {

  private static final Map<String, String> COLOURS =
      Map.of("jbuild", "#2a7f62", "buildah", "#8a8fa3", "BuildKit", "#c9ccd6", "skopeo", "#8a8fa3");

  /// Writes all of it, over what was written before.
  void write(Path directory) throws IOException {
    Files.writeString(directory.resolve("table.md"), table());
    writeJson(directory.resolve("results.json"));
    writeChart(directory.resolve("chart.svg"));
  }

  /// Markdown, as docs/performance.md shows it.
  String table() {
    var times = new StringBuilder(head("ratio | goal"));
    var storage = new StringBuilder(head("disk: " + String.join(" / ", builders)));
    for (var row : rows) {
      times.append(
          start(row, each -> format("%.2f s, %.2f CPU s", time(row, each), cpu(row, each))));
      times.append(row.ratio().map(ratio -> format(" **%.2f** |", ratio)).orElse(" – |"));
      times.append(format(" %.2f |\n", row.scenario().goal()));
      storage.append(start(row, each -> megabytes(row, each, Measure::peakBytes)));
      var disk = builders.stream().map(each -> megabytes(row, each, Measure::diskBytes)).toList();
      storage.append(' ').append(String.join(" / ", disk)).append(" |\n");
    }
    return times + "\nMemory at most, and what storage grew by:\n\n" + storage;
  }

  private String head(String last) {
    var columns = builders.size() + last.split("\\|").length;
    return "| row | what is timed | "
        + String.join(" | ", builders)
        + " | "
        + last
        + " |\n|---|---|"
        + "---|".repeat(columns)
        + "\n";
  }

  private String start(Samples row, Function<String, String> figure) {
    var text =
        new StringBuilder("| " + row.scenario().id() + " | " + row.scenario().title() + " |");
    for (var builder : builders) {
      text.append(' ').append(row.seconds(builder).isEmpty() ? "–" : figure.apply(builder));
      text.append(" |");
    }
    return text.toString();
  }

  private static double time(Samples row, String builder) {
    return row.seconds(builder).orElseThrow();
  }

  private static double cpu(Samples row, String builder) {
    return row.median(builder, Measure::cpuSeconds).orElseThrow();
  }

  private static String megabytes(Samples row, String builder, ToDoubleFunction<Measure> figure) {
    double bytes = row.median(builder, figure).orElse(0.0);
    return bytes == 0 ? "–" : format("%.0f MiB", bytes / (1 << 20));
  }

  private void writeJson(Path file) throws IOException {
    var json = new LinkedHashMap<String, Object>();
    json.put("machine", machine);
    for (var row : rows) {
      json.put(
          row.scenario().id(), Map.of("what", row.scenario().title(), "runs", row.byBuilder()));
    }
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), json);
  }

  /// Bars of each row, as long as the builder took beside the slowest one of the row.
  private void writeChart(Path file) throws IOException {
    int bar = 12;
    int rowHeight = bar * builders.size() + 14;
    int left = 300;
    int width = 420;
    var svg = new StringBuilder();
    svg.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " font-family=\"sans-serif\" font-size=\"11\">%n",
            left + width + 90, rowHeight * rows.size() + 30));
    for (int i = 0; i < builders.size(); i++) {
      svg.append(
          format(
              "<rect x=\"%d\" y=\"6\" width=\"10\" height=\"10\" fill=\"%s\"/>"
                  + "<text x=\"%d\" y=\"15\">%s</text>%n",
              left + i * 90, colour(builders.get(i)), left + i * 90 + 14, builders.get(i)));
    }
    int y = 28;
    for (var row : rows) {
      double slowest =
          builders.stream().flatMap(each -> row.seconds(each).stream()).reduce(0.0, Math::max);
      svg.append(
          format(
              "<text x=\"0\" y=\"%d\">%s %s</text>%n",
              y + bar, row.scenario().id(), row.scenario().title()));
      for (int i = 0; i < builders.size(); i++) {
        var seconds = row.seconds(builders.get(i));
        if (seconds.isPresent() && slowest > 0) {
          double length = Math.max(1, width * seconds.get() / slowest);
          svg.append(
              format(
                  "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>"
                      + "<text x=\"%.1f\" y=\"%d\">%.2f s</text>%n",
                  left,
                  y + i * bar,
                  length,
                  bar - 2,
                  colour(builders.get(i)),
                  left + length + 4,
                  y + i * bar + bar - 3,
                  seconds.get()));
        }
      }
      y += rowHeight;
    }
    Files.writeString(file, svg.append("</svg>\n"));
  }

  private static String colour(String builder) {
    return COLOURS.getOrDefault(builder, "#555555");
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is of a library that is not used here
  private static String format(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
