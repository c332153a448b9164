package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is known, after the build, of the files that a mount showed or began with.
///
/// @param layers of the stage or image that they were in, the lowest first
/// @param copy the name of a directory that was kept with the step; only for files of a context
/// @param source the path in them that was mounted
/// @param isDirectory what was there; false for a cache of which it is not known what it began with
/// @param seed the digest of what a cache began with
record KeptSource(
    List<Digest> layers,
    Optional<String> copy,
    String source,
    boolean isDirectory,
    Optional<Digest> seed) {

  /// Of a mount that takes files from nowhere.
  static final KeptSource NONE =
      new KeptSource(List.of(), Optional.empty(), "/", true, Optional.empty());

  KeptSource {
    layers = List.copyOf(layers);
  }

  void writeTo(Map<String, Object> json) {
    var known = new LinkedHashMap<String, Object>();
    known.put("layers", layers.stream().map(Digest::toString).toList());
    copy.ifPresent(name -> known.put("copy", name));
    known.put("source", source);
    known.put("directory", isDirectory);
    seed.ifPresent(digest -> known.put("seed", digest.toString()));
    json.put("files", known);
  }

  static KeptSource of(JsonObject mount) throws ImageFormatException {
    var known = mount.requiredObject("files");
    return new KeptSource(
        digests(known, "layers"),
        known.string("copy"),
        known.requiredString("source"),
        known.flag("directory"),
        known.string("seed").map(Digest::parse));
  }

  /// @throws IllegalArgumentException if one is no digest
  static List<Digest> digests(JsonObject json, String name) throws ImageFormatException {
    var digests = new ArrayList<Digest>();
    for (var text : json.strings(name)) {
      digests.add(Digest.parse(text));
    }
    return digests;
  }
}
