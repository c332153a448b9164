package dev.jbuild.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// What was measured of a scenario: the runs of each builder, in their order.
record Samples(Scenario scenario, Map<String, List<Measure>> byBuilder) {

  Samples(Scenario scenario) {
    this(scenario, new LinkedHashMap<>());
  }

  void add(String builder, Measure measure) {
    byBuilder.computeIfAbsent(builder, _ -> new ArrayList<>()).add(measure);
  }

  /// The median of a figure; empty without samples.
  Optional<Double> median(String builder, ToDoubleFunction<Measure> figure) {
    var sorted =
        byBuilder.getOrDefault(builder, List.of()).stream().mapToDouble(figure).sorted().toArray();
    if (sorted.length == 0) {
      return Optional.empty();
    }
    int middle = sorted.length / 2;
    return Optional.of(
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
  }

  Optional<Double> seconds(String builder) {
    return median(builder, Measure::seconds);
  }

  /// Time of jbuild divided by that of the fastest other builder; empty without one.
  Optional<Double> ratio() {
    var best =
        byBuilder.keySet().stream()
            .filter(name -> !name.equals("jbuild"))
            .flatMap(name -> seconds(name).stream())
            .min(Comparator.naturalOrder());
    return best.flatMap(other -> seconds("jbuild").map(own -> own / other));
  }
}
