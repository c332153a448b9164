package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a step made, as the cache keeps it.
///
/// @param layer the diff ID of its layer; empty if it changed nothing
/// @param size of the plain layer in bytes
/// @param created when it was made, seconds since the epoch
/// @param files the manifest of what it copied, if it copied something
record StepRecord(Optional<Digest> layer, long size, long created, Optional<Digest> files) {

  /// The same layer, made of other files.
  StepRecord withFiles(Digest manifest) {
    return new StepRecord(layer, size, created, Optional.of(manifest));
  }

  byte[] toJson() {
    return toJson(List.of(layer, files).stream().flatMap(Optional::stream).toList());
  }

  /// @param needed what of it the store has to keep: not what it only knows of
  byte[] toJson(List<Digest> needed) {
    var json = new LinkedHashMap<String, Object>();
    layer.ifPresent(digest -> json.put("layer", digest.toString()));
    json.put("size", size);
    json.put("created", created);
    files.ifPresent(digest -> json.put("files", digest.toString()));
    // The store keeps what a record lists here as long as it keeps the record.
    json.put("blobs", needed.stream().map(Digest::toString).toList());
    return Json.write(json);
  }

  /// Whether the layer of a record was never here: a shared cache told of it, without its bytes.
  ///
  /// @throws ImageFormatException if it is not a record
  static boolean isOnlyTold(byte[] bytes, Digest layer) throws ImageFormatException {
    return !BuildRecord.digests(JsonObject.parse(bytes, "a cache record"), "blobs").contains(layer);
  }

  /// @throws ImageFormatException if it is not a record
  static StepRecord parse(byte[] bytes) throws ImageFormatException {
    if (!(Json.parse(bytes, "a cache record") instanceof Map<?, ?> json)
        || !(json.get("size") instanceof Long size)
        || !(json.get("created") instanceof Long created)) {
      throw new ImageFormatException("not a cache record");
    }
    return new StepRecord(digest(json, "layer"), size, created, digest(json, "files"));
  }

  private static Optional<Digest> digest(Map<?, ?> json, String name) throws ImageFormatException {
    try {
      return json.get(name) instanceof String text
          ? Optional.of(Digest.parse(text))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException("not a cache record", e);
    }
  }
}
