package dev.jbuild.build;

import dev.jbuild.context.InputManifest;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The steps of the last build of a Dockerfile, with what went into each: compared with what goes
/// in now, they tell why a step was not cached.
final class LastBuild {

  private static final int MOST_BYTES = 16 << 20;

  /// One step of it.
  ///
  /// @param stage its display name
  /// @param number of the step in the stage
  record Step(String stage, int number, String text, SortedMap<String, String> inputs) {
    boolean isAt(String otherStage, int otherNumber) {
      return stage.equals(otherStage) && number == otherNumber;
    }
  }

  private final Store store;
  private final Digest key;
  private final List<Step> before;
  private final List<Step> now = new ArrayList<>();

  private LastBuild(Store store, Digest key, List<Step> before) {
    this.store = store;
    this.key = key;
    this.before = before;
  }

  /// @param key says which builds are builds of the same thing: Dockerfile, context, target
  static LastBuild open(Store store, Digest key) throws IOException {
    var bytes = store.builds().last(key);
    List<Step> steps = List.of();
    if (bytes.isPresent()) {
      try {
        steps = parse(bytes.get());
      } catch (ImageFormatException e) {
        steps = List.of(); // it only explains; the next one is written whole
      }
    }
    return new LastBuild(store, key, steps);
  }

  /// Notes a step of this build.
  synchronized void add(Step step) {
    now.add(step);
  }

  /// Takes a step back that was noted and failed.
  synchronized void remove(Step step) {
    now.remove(step);
  }

  /// Keeps the steps of this build for the next one.
  ///
  /// @param finished whether all steps were reached; else the others stay as they were known
  synchronized void save(boolean finished) throws IOException {
    var kept = new ArrayList<>(now);
    if (!finished) {
      before.stream()
          .filter(old -> now.stream().noneMatch(each -> each.isAt(old.stage, old.number)))
          .forEach(kept::add);
    }
    var steps = new ArrayList<Object>();
    for (var step : kept) {
      var json = new LinkedHashMap<String, Object>();
      json.put("stage", step.stage);
      json.put("number", (long) step.number);
      json.put("text", step.text);
      json.put("inputs", step.inputs);
      steps.add(json);
    }
    var record = new LinkedHashMap<String, Object>();
    record.put("steps", steps);
    // The store keeps what is listed here as long as it keeps the record.
    record.put(
        "blobs",
        kept.stream()
            .map(step -> step.inputs.getOrDefault(StepInputs.FILES, ""))
            .filter(digest -> !digest.isEmpty())
            .distinct()
            .toList());
    store.builds().put(key, Json.write(record));
  }

  /// Whether the last build had such an instruction, in whatever stage.
  boolean had(dev.jbuild.plan.Step step) {
    return before.stream().anyMatch(each -> each.text.equals(step.instruction()));
  }

  /// Why `step` is not what it was, in words; empty if there was no build before.
  String explain(Step step) throws IOException {
    var was = predecessor(step);
    if (was.isEmpty()) {
      return before.isEmpty() ? "" : "a new step";
    }
    var old = was.get();
    var changes = new ArrayList<String>();
    if (!old.text.equals(step.text)) {
      return "the instruction changed";
    }
    var names = new TreeSet<>(old.inputs.keySet());
    names.addAll(step.inputs.keySet());
    for (var name : names) {
      var then = old.inputs.get(name);
      var today = step.inputs.get(name);
      if (then == null || today == null || !then.equals(today)) {
        describe(name, then, today).ifPresent(changes::add);
      }
    }
    var distinct = changes.stream().distinct().toList();
    if (distinct.isEmpty()) {
      return "it is not in the cache any more";
    }
    return distinct.size() == 1
        ? distinct.getFirst()
        : distinct.getFirst() + " (" + (distinct.size() - 1) + " more)";
  }

  private Optional<Step> predecessor(Step step) {
    return before.stream()
        .filter(each -> each.isAt(step.stage, step.number))
        .findFirst()
        .or(() -> before.stream().filter(each -> each.text.equals(step.text)).findFirst());
  }

  private Optional<String> describe(String name, @Nullable String then, @Nullable String today)
      throws IOException {
    if (name.equals(StepInputs.FILES) && then != null && today != null) {
      return Optional.of(changedFiles(Digest.parse(then), Digest.parse(today)));
    }
    if (name.startsWith(StepInputs.VARIABLE)) {
      var variable = name.substring(StepInputs.VARIABLE.length());
      return Optional.of(
          variable
              + (then == null
                  ? " is set now"
                  : today == null ? " is not set any more" : " " + then + " → " + today));
    }
    return switch (name) {
      case "kind", "argv", "instruction" -> Optional.of("the instruction changed");
      case StepInputs.PARENT -> Optional.of("what is below it changed");
      case "format" -> Optional.of("this jbuild makes other layers than the last one");
      case "clamp" -> Optional.of("SOURCE_DATE_EPOCH changed");
      case "source" -> Optional.of("what it copies from changed");
      default -> Optional.of(name + " changed");
    };
  }

  private String changedFiles(Digest then, Digest today) throws IOException {
    if (!store.blobs().contains(then) || !store.blobs().contains(today)) {
      return "the files changed";
    }
    var changes = InputManifest.diff(manifest(then), manifest(today));
    if (changes.isEmpty()) {
      return "the files changed";
    }
    var first = changes.getFirst().words();
    return changes.size() == 1 ? first : first + " (" + (changes.size() - 1) + " more)";
  }

  private InputManifest manifest(Digest digest) throws IOException {
    return InputManifest.parse(store.blobs().read(digest, MOST_BYTES));
  }

  private static List<Step> parse(byte[] bytes) throws ImageFormatException {
    var steps = new ArrayList<Step>();
    if (Json.parse(bytes, "the last build", MOST_BYTES) instanceof Map<?, ?> json
        && json.get("steps") instanceof List<?> list) {
      for (var each : list) {
        if (each instanceof Map<?, ?> step
            && step.get("stage") instanceof String stage
            && step.get("number") instanceof Long number
            && step.get("text") instanceof String text
            && step.get("inputs") instanceof Map<?, ?> inputs) {
          var parts = new TreeMap<String, String>();
          inputs.forEach((name, value) -> parts.put(String.valueOf(name), String.valueOf(value)));
          steps.add(new Step(stage, number.intValue(), text, parts));
        }
      }
    }
    return steps;
  }
}
