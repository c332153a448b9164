package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A record of a step as it travels in a shared cache.
///
/// @param weakKey all of the key but the step's parent
record SharedRecord(Digest key, Digest weakKey, StepRecord record) {

  /// The latest time that a step can have been made at: the year 9999.
  private static final long LATEST = 253_402_300_799L;

  Map<String, Object> toJson() {
    var json = new LinkedHashMap<String, Object>();
    json.put("key", key.toString());
    json.put("weak", weakKey.toString());
    record.layer().ifPresent(digest -> json.put("layer", digest.toString()));
    json.put("size", record.size());
    json.put("created", record.created());
    record.files().ifPresent(digest -> json.put("files", digest.toString()));
    return json;
  }

  static SharedRecord parse(JsonObject json) throws ImageFormatException {
    long size = json.requiredNumber("size");
    long created = json.requiredNumber("created");
    if (size < 0 || created < 0 || created > LATEST) {
      throw new ImageFormatException(json.what() + " has a size or time that cannot be");
    }
    return new SharedRecord(
        BuildRecord.digest(json.requiredString("key"), json.what()),
        BuildRecord.digest(json.requiredString("weak"), json.what()),
        new StepRecord(digest(json, "layer"), size, created, digest(json, "files")));
  }

  private static Optional<Digest> digest(JsonObject json, String name) throws ImageFormatException {
    var text = json.string(name);
    return text.isEmpty()
        ? Optional.empty()
        : Optional.of(BuildRecord.digest(text.get(), json.what()));
  }
}
