package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the build for one platform notes of its steps, for people who want to look into one
/// afterwards: how it ran, on which layers, and its log. Never leaves the store. Safe for use by
/// many threads.
final class StepNotes {

  /// The largest that is read again.
  static final int MOST_BYTES = 64 << 20;

  private final Store store;
  private final Digest build;
  private final List<Map<String, Object>> steps = new ArrayList<>();
  private final Map<String, Object> failed = new LinkedHashMap<>();

  /// @param build its key
  StepNotes(Store store, Digest build) {
    this.store = store;
    this.build = build;
  }

  /// Which builds are builds of the same thing.
  Digest build() {
    return build;
  }

  /// The layer that the build before noted of a step.
  ///
  /// @param title as progress shows it
  Optional<Digest> earlierLayer(String title, String instruction) throws IOException {
    var step = earlier(title, instruction);
    try {
      return step == null ? Optional.empty() : step.string("layer").map(Digest::parse);
    } catch (ImageFormatException | IllegalArgumentException e) {
      return Optional.empty(); // of another version of jbuild; it only saves work
    }
  }

  /// What the build before noted of the inputs of a step that copies.
  ///
  /// @param title as progress shows it
  Optional<Copied> earlierCopy(String title, String instruction) throws IOException {
    var step = earlier(title, instruction);
    try {
      return step == null ? Optional.empty() : Copied.of(step);
    } catch (ImageFormatException | IllegalArgumentException e) {
      return Optional.empty(); // as above
    }
  }

  /// The inputs of a step that copies.
  ///
  /// @param files the blob of their manifest
  /// @param content the content key of that manifest
  record Copied(Digest files, Digest content) {

    private static Optional<Copied> of(JsonObject step) throws ImageFormatException {
      var files = step.string("files");
      var content = step.string("content");
      return files.isEmpty() || content.isEmpty()
          ? Optional.empty()
          : Optional.of(new Copied(Digest.parse(files.get()), Digest.parse(content.get())));
    }

    /// Adds it to the trace of the step.
    void writeTo(Map<String, Object> trace) {
      trace.put("files", files.toString());
      trace.put("content", content.toString());
    }
  }

  /// What the build before noted of a step; null if it noted nothing that can be read.
  private @Nullable JsonObject earlier(String title, String instruction) throws IOException {
    try {
      var notes = store.builds().notes(build);
      if (notes.isEmpty()) {
        return null;
      }
      for (var step :
          JsonObject.parse(notes.get(), "notes of a build", MOST_BYTES).objects("steps")) {
        if (title.equals(step.requiredString("title"))
            && instruction.equals(step.requiredString("text"))) {
          return step;
        }
      }
    } catch (ImageFormatException e) {
      return null; // of another version of jbuild; it only saves work
    } catch (InterruptedIOException | ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      return null; // as above
    }
    return null;
  }

  /// Notes a step that is done, as [StepTrace] tells of it.
  synchronized void done(Map<String, Object> trace) {
    steps.add(trace);
  }

  /// Notes the step with which the build ends.
  ///
  /// @param title as progress shows it: `build 3`
  /// @param log the name of its log
  synchronized void failed(String title, String instruction, Digest log) {
    failed.put("title", title);
    failed.put("text", instruction);
    failed.put("log", log.toString());
  }

  /// Where the output of a step goes.
  ///
  /// @param log its name
  Path logFile(Digest log) throws IOException {
    return store.builds().logFile(build, log);
  }

  /// Replaces what the build before noted.
  synchronized void save() throws IOException {
    var json = new LinkedHashMap<String, Object>();
    json.put("steps", steps);
    if (!failed.isEmpty()) {
      json.put("failed", failed);
    }
    store.builds().putNotes(build, Json.write(json));
  }
}
