package dev.jbuild.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/// What several runs wrote, of which each measured some of the rows, as one report.
final class Joined {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, String> machine = new LinkedHashMap<>();
  private final Map<String, Samples> rows = new LinkedHashMap<>();
  private final LinkedHashSet<String> builders = new LinkedHashSet<>();

  private Joined() {
    for (var scenario : Scenarios.all()) {
      rows.put(scenario.id(), new Samples(scenario));
    }
  }

  /// @param files as [Report] writes them; the machine is as the first one says
  static Report of(List<Path> files) throws IOException {
    var joined = new Joined();
    for (var file : files) {
      joined.add(JSON.readTree(file.toFile()));
    }
    var measured = new ArrayList<>(joined.rows.values());
    measured.removeIf(row -> row.byBuilder().isEmpty());
    return new Report(joined.machine, List.copyOf(joined.builders), measured);
  }

  private void add(JsonNode results) throws IOException {
    for (var field : results.path("machine").properties()) {
      machine.putIfAbsent(field.getKey(), field.getValue().asText());
    }
    for (var row : rows.values()) {
      for (var runs : results.path(row.scenario().id()).path("runs").properties()) {
        builders.add(runs.getKey());
        for (var run : runs.getValue()) {
          row.add(runs.getKey(), JSON.treeToValue(run, Measure.class));
        }
      }
    }
  }
}
