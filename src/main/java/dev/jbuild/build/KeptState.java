package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import dev.jbuild.store.KeptEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A container or a failed step that is kept, in what both have: files above layers, and how their
/// process ended.
///
/// @param name of a container that was given one
/// @param from the image as it was named, or the place of the instruction: `Dockerfile:3`
/// @param command what ran
/// @param image the digest of the config that an image without the changes has
/// @param layers below the changes, the lowest first
/// @param changes layers above these that hold changes, below those in the files of the entry
/// @param unswept ids of secrets that its files may hold (see [KeptStep])
public record KeptState(
    KeptEntry entry,
    Kind kind,
    Optional<String> name,
    String from,
    List<String> command,
    int exitCode,
    Digest image,
    List<Digest> layers,
    List<Digest> changes,
    List<String> unswept) {

  /// The member of a spec that names the layers of what was changed.
  static final String CHANGES = "changes";

  static final int MOST_BYTES = 16 << 20;

  /// What it is.
  public enum Kind {
    CONTAINER,
    STEP
  }

  public KeptState {
    command = List.copyOf(command);
    layers = List.copyOf(layers);
    changes = List.copyOf(changes);
    unswept = List.copyOf(unswept);
  }

  /// What `entry` is; empty if that cannot be understood, since another version of jbuild made it.
  static Optional<KeptState> of(KeptEntry entry) {
    try {
      var json = JsonObject.parse(entry.spec(), "the spec of " + entry.id(), MOST_BYTES);
      return switch (json.requiredString("kind")) {
        case ContainerSpec.KIND -> Optional.of(container(entry, json));
        case "step" -> Optional.of(step(entry, json));
        default -> Optional.empty();
      };
    } catch (ImageFormatException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static KeptState container(KeptEntry entry, JsonObject json) throws ImageFormatException {
    return new KeptState(
        entry,
        Kind.CONTAINER,
        json.string("name"),
        json.requiredString("from"),
        json.strings("command"),
        (int) json.requiredNumber("exitCode"),
        Digest.parse(json.requiredString("image")),
        KeptSource.digests(json, "layers"),
        KeptSource.digests(json, CHANGES),
        List.of());
  }

  private static KeptState step(KeptEntry entry, JsonObject json) throws ImageFormatException {
    return new KeptState(
        entry,
        Kind.STEP,
        Optional.empty(),
        json.requiredString("dockerfile") + ":" + json.requiredNumber("line"),
        List.of(json.requiredString("instruction")),
        (int) json.requiredNumber("exitCode"),
        Digest.parse(json.requiredString("image")),
        KeptSource.digests(json, "layers"),
        KeptSource.digests(json, CHANGES),
        KeptStep.unswept(json));
  }

  /// All layers of it, the lowest first; what lies in the files of the entry is above them.
  ArrayList<Digest> allLayers() {
    var all = new ArrayList<>(layers);
    all.addAll(changes);
    return all;
  }

  /// What a person calls it: its name, else its ID.
  public String shown() {
    return name.orElse(entry.id());
  }
}
