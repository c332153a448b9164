package dev.jbuild.build;

import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a store knows of the last build of each Dockerfile, context and target.
public final class DebugHistory {

  private final Store store;

  public DebugHistory(Store store) {
    this.store = store;
  }

  /// One of them.
  ///
  /// @param key its name in the store
  /// @param steps that it came to and that succeeded, in their order
  /// @param failed with which it ended; empty if it succeeded
  public record Build(Digest key, List<Step> steps, Optional<Failed> failed) {
    public Build {
      steps = List.copyOf(steps);
    }
  }

  /// A step that is done.
  ///
  /// @param title as progress showed it: `build 3`
  /// @param text the instruction on one line
  /// @param log the name of its log; empty if it has none
  public record Step(String title, String text, Optional<Digest> log, DebugTarget target) {}

  /// A step with which a build ended.
  public record Failed(String title, String text, Digest log) {}

  /// All of them, the newest first.
  public List<Build> list() throws IOException {
    var builds = new ArrayList<Build>();
    for (var key : store.builds().newestFirst()) {
      read(key).ifPresent(builds::add);
    }
    return List.copyOf(builds);
  }

  private Optional<Build> read(Digest key) throws IOException {
    var notes = store.builds().notes(key);
    if (notes.isEmpty()) {
      return Optional.empty();
    }
    try {
      var json = JsonObject.parse(notes.get(), "notes of a build", StepNotes.MOST_BYTES);
      var stacks = new HashMap<String, List<Digest>>();
      var steps = new ArrayList<Step>();
      for (var step : json.objects("steps")) {
        steps.add(step(step, stacks));
      }
      var failed = json.object("failed");
      return Optional.of(
          new Build(key, steps, failed.isEmpty() ? Optional.empty() : failed(failed.get())));
    } catch (ImageFormatException | IllegalArgumentException e) {
      return Optional.empty(); // of another version of jbuild
    }
  }

  private static Optional<Failed> failed(JsonObject json) throws ImageFormatException {
    return Optional.of(
        new Failed(
            json.requiredString("title"),
            json.requiredString("text"),
            Digest.parse(json.requiredString("log"))));
  }

  /// @param stacks the layers of each stage as far as it was read
  private static Step step(JsonObject json, Map<String, List<Digest>> stacks)
      throws ImageFormatException {
    var text = json.requiredString("text");
    var title = json.requiredString("title");
    var stage = title.substring(0, Math.max(0, title.lastIndexOf(' ')));
    var before =
        json.has("below")
            ? KeptSource.digests(json, "below")
            : stacks.getOrDefault(stage, List.of());
    var after = new ArrayList<>(before);
    json.string("layer").map(Digest::parse).ifPresent(after::add);
    stacks.put(stage, after);
    var file = json.requiredString("dockerfile");
    var parsed = RecipeJson.parse(json.requiredObject("recipe"), file);
    var shown =
        "%s, %s (%s:%d)"
            .formatted(
                Printable.of(title),
                Printable.of(text),
                Printable.of(file),
                json.requiredNumber("line"));
    return new Step(
        title,
        text,
        json.string("log").map(Digest::parse),
        new DebugTarget(shown, before, after, parsed.recipe(), parsed.sources(), Optional.empty()));
  }
}
