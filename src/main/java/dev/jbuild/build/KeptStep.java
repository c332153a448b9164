package dev.jbuild.build;

import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Span;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import dev.jbuild.store.KeptEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// A failed RUN that is kept, as its spec tells of it.
///
/// @param title as progress showed it: `build 3`
/// @param instruction on one line
/// @param place where it stands
/// @param exitCode with which it ended
/// @param build the key of its build (see [LastBuild])
/// @param log the name of its log
/// @param image the digest of the config that an image would have which ends before it
/// @param layers below it, the lowest first
/// @param changes layers above these that hold what it changed, beside the files of the entry
/// @param sources what is known of the files of its mounts, one for each
/// @param isChanged whether somebody changed its files since
/// @param unswept ids of secrets that somebody had in it, if its files were not searched for them
///     since
public record KeptStep(
    KeptEntry entry,
    String title,
    String instruction,
    Span place,
    int exitCode,
    Digest build,
    Digest log,
    Digest image,
    List<Digest> layers,
    List<Digest> changes,
    StepRecipe recipe,
    List<KeptSource> sources,
    boolean isChanged,
    List<String> unswept) {

  /// What the member `kind` of the spec of a failed step says.
  public static final String KIND = "step";

  private static final int MOST_BYTES = 16 << 20;
  private static final String CHANGED = "changed";
  private static final String UNSWEPT = "unswept";

  public KeptStep {
    layers = List.copyOf(layers);
    changes = List.copyOf(changes);
    sources = List.copyOf(sources);
    unswept = List.copyOf(unswept);
  }

  /// What `entry` is, if it is a failed step and can be understood.
  public static Optional<KeptStep> of(KeptEntry entry) {
    try {
      var json = JsonObject.parse(entry.spec(), "the spec of " + entry.id(), MOST_BYTES);
      return json.string("kind").filter(KIND::equals).isPresent()
          ? Optional.of(parse(entry, json))
          : Optional.empty();
    } catch (ImageFormatException | IllegalArgumentException e) {
      return Optional.empty(); // of another version of jbuild; it can be removed
    }
  }

  private static KeptStep parse(KeptEntry entry, JsonObject json) throws ImageFormatException {
    var file = json.requiredString("dockerfile");
    var parsed = RecipeJson.parse(json.requiredObject("recipe"), file);
    return new KeptStep(
        entry,
        json.requiredString("title"),
        json.requiredString("instruction"),
        MountJson.place(
            file, (int) json.requiredNumber("line"), (int) json.requiredNumber("column")),
        (int) json.requiredNumber("exitCode"),
        Digest.parse(json.requiredString("build")),
        Digest.parse(json.requiredString("log")),
        Digest.parse(json.requiredString("image")),
        KeptSource.digests(json, "layers"),
        KeptSource.digests(json, KeptState.CHANGES),
        parsed.recipe(),
        parsed.sources(),
        json.flag(CHANGED),
        unswept(json));
  }

  static List<String> unswept(JsonObject spec) throws ImageFormatException {
    return spec.strings(UNSWEPT);
  }

  /// Its spec, but for what is told here.
  ///
  /// @param isChanged whether somebody changed its files
  /// @param unswept ids of secrets that its files may hold
  /// @param now the layers of what it changed
  byte[] spec(boolean isChanged, Collection<String> unswept, List<Digest> now)
      throws ImageFormatException {
    var json = JsonObject.parse(entry.spec(), "the spec of " + entry.id(), MOST_BYTES);
    var members = new LinkedHashMap<String, Object>(json.members());
    members.put(CHANGED, isChanged);
    members.put(UNSWEPT, List.copyOf(unswept));
    members.put(KeptState.CHANGES, now.stream().map(Digest::toString).toList());
    var gone = new ArrayList<>(changes);
    gone.removeAll(layers);
    sources.forEach(source -> gone.removeAll(source.layers()));
    var blobs = new ArrayList<>(json.strings("blobs")); // a prune keeps them
    gone.forEach(layer -> blobs.remove(layer.toString()));
    now.forEach(layer -> blobs.add(layer.toString()));
    members.put("blobs", blobs.stream().distinct().toList());
    return Json.write(members);
  }

  /// `build 3, RUN make (Dockerfile:9)`, printable.
  public String shown() {
    return Printable.of(title)
        + (", " + Printable.of(instruction))
        + (" (" + Printable.of(place.source().name()) + ":" + place.line() + ")");
  }
}
