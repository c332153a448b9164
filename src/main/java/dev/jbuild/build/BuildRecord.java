package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// A build for one platform as it is kept in `builds/` and in a shared cache: its steps, what went
/// into each and what became of it.
///
/// @param what was built
/// @param steps in the order in which they were reached
/// @param keys by which their records were found or kept
/// @param result the layers of the target, lowest first, its base's among them
public record BuildRecord(What what, List<Entry> steps, List<Digest> keys, List<Digest> result) {

  /// The longest text of one.
  static final int MOST_BYTES = 16 << 20;

  public BuildRecord {
    steps = List.copyOf(steps);
    keys = List.copyOf(keys);
    result = List.copyOf(result);
  }

  /// What tells builds apart.
  ///
  /// @param dockerfile as it was named
  /// @param context as the store calls it
  /// @param target the name of the stage
  public record What(String dockerfile, String context, String target, String platform) {

    /// The name of the record in the store.
    public Digest key() {
      var text = String.join("\0", dockerfile, context, target, platform);
      return Digest.ofText(text);
    }
  }

  /// One step and what went into it.
  ///
  /// @param stage its display name
  /// @param number of the step in the stage
  public record Step(String stage, int number, String text, SortedMap<String, String> inputs) {

    boolean isAt(String otherStage, int otherNumber) {
      return stage.equals(otherStage) && number == otherNumber;
    }
  }

  /// What became of a step.
  public enum Outcome {
    /// It was in the store.
    CACHED,
    /// It was in a shared cache.
    SHARED,
    /// It was made.
    MADE;

    /// `cached`, `shared` or `made`.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// A step and what became of it.
  ///
  /// @param note why it was made, or where it was found; may be empty
  public record Entry(Step step, Outcome outcome, String note) {}

  Map<String, Object> toJson() {
    var json = new LinkedHashMap<String, Object>();
    json.put("dockerfile", what.dockerfile);
    json.put("context", what.context);
    json.put("target", what.target);
    json.put("platform", what.platform);
    json.put("steps", steps.stream().map(BuildRecord::toJson).toList());
    json.put("keys", keys.stream().map(Digest::toString).toList());
    json.put("result", result.stream().map(Digest::toString).toList());
    return json;
  }

  private static Map<String, Object> toJson(Entry entry) {
    var json = new LinkedHashMap<String, Object>();
    json.put("stage", entry.step.stage);
    json.put("number", (long) entry.step.number);
    json.put("text", entry.step.text);
    json.put("inputs", entry.step.inputs);
    json.put("outcome", entry.outcome.text());
    json.put("note", entry.note);
    return json;
  }

  /// The manifests of what the steps copied.
  List<Digest> files() {
    return steps.stream()
        .map(entry -> entry.step.inputs.getOrDefault(StepInputs.FILES, ""))
        .filter(text -> !text.isEmpty())
        .distinct()
        .map(Digest::parse)
        .toList();
  }

  /// Reads what [#toJson] gave; what an older jbuild did not write is empty.
  ///
  /// @throws ImageFormatException if it is something else
  static BuildRecord parse(byte[] bytes) throws ImageFormatException {
    return parse(JsonObject.parse(bytes, "the record of a build", MOST_BYTES));
  }

  static BuildRecord parse(JsonObject json) throws ImageFormatException {
    var what =
        new What(
            json.string("dockerfile").orElse(""),
            json.string("context").orElse(""),
            json.string("target").orElse(""),
            json.string("platform").orElse(""));
    var steps = new ArrayList<Entry>();
    for (var each : json.objects("steps")) {
      steps.add(entry(each));
    }
    return new BuildRecord(what, steps, digests(json, "keys"), digests(json, "result"));
  }

  private static Entry entry(JsonObject json) throws ImageFormatException {
    var inputs = new TreeMap<>(json.stringMap("inputs"));
    var files = inputs.get(StepInputs.FILES);
    if (files != null && !files.isEmpty()) {
      digest(files, json.what());
    }
    var step =
        new Step(
            json.requiredString("stage"),
            Math.toIntExact(Math.clamp(json.requiredNumber("number"), 0, Integer.MAX_VALUE)),
            json.requiredString("text"),
            inputs);
    var outcome = json.string("outcome").orElse("");
    for (var each : Outcome.values()) {
      if (each.text().equals(outcome)) {
        return new Entry(step, each, json.string("note").orElse(""));
      }
    }
    return new Entry(step, Outcome.MADE, "");
  }

  static List<Digest> digests(JsonObject json, String key) throws ImageFormatException {
    var digests = new ArrayList<Digest>();
    for (var text : json.strings(key)) {
      digests.add(digest(text, json.what()));
    }
    return digests;
  }

  static Digest digest(String text, String what) throws ImageFormatException {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException(what + ": " + e.getMessage(), e);
    }
  }
}
