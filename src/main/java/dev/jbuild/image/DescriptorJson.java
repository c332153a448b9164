package dev.jbuild.image;

import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// Descriptors and what else manifests and indexes have in common, as JSON.
final class DescriptorJson {

  private static final int LONGEST_WORD = 64;

  private DescriptorJson() {}

  static Descriptor read(JsonObject json) throws ImageFormatException {
    var mediaType = mediaType(json, json.requiredString("mediaType"));
    var digest = digest(json, "digest", json.requiredString("digest"));
    long size = json.requiredNumber("size");
    if (size < 0) {
      throw new ImageFormatException(json.what() + ": \"size\" is negative: " + size);
    }
    return new Descriptor(
        mediaType,
        digest,
        size,
        json.stringMap("annotations"),
        platform(json),
        json.string("artifactType").orElse(null));
  }

  static List<Descriptor> readAll(JsonObject json, String key) throws ImageFormatException {
    if (!json.has(key)) {
      throw json.missing(key);
    }
    var descriptors = new ArrayList<Descriptor>();
    for (var element : json.objects(key)) {
      descriptors.add(read(element));
    }
    return List.copyOf(descriptors);
  }

  /// Hostile digests end here, before a path or URL is made of one (CVE-2024-3727).
  static Digest digest(JsonObject json, String key, String text) throws ImageFormatException {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException(json.what() + ": \"" + key + "\": " + e.getMessage(), e);
    }
  }

  private static MediaType mediaType(JsonObject json, String text) throws ImageFormatException {
    try {
      return new MediaType(text);
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException(json.what() + ": \"mediaType\": " + e.getMessage(), e);
    }
  }

  private static @Nullable Platform platform(JsonObject json) throws ImageFormatException {
    var platform = json.object("platform");
    if (platform.isEmpty()) {
      return null;
    }
    var os = word(platform.get(), "os");
    var architecture = word(platform.get(), "architecture");
    var variant = word(platform.get(), "variant");
    return os.isEmpty() && architecture.isEmpty() ? null : new Platform(os, architecture, variant);
  }

  /// A word of a platform; empty if there is none.
  static String word(JsonObject json, String key) throws ImageFormatException {
    var word = json.string(key).orElse("");
    if (!isPlatformWord(word)) {
      throw new ImageFormatException(
          json.what() + ": \"" + key + "\" is not of a platform: \"" + Printable.of(word) + "\"");
    }
    return word;
  }

  /// By hand: a regular expression would be compiled in every build.
  private static boolean isPlatformWord(String word) {
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      boolean isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!isLetter && (c < '0' || c > '9') && "_.+-".indexOf(c) < 0) {
        return false;
      }
    }
    return word.length() <= LONGEST_WORD;
  }

  /// Checks what manifests and indexes have in common and returns the media type of the document.
  ///
  /// Refused is a document that one reader could take for a manifest and another for an index
  /// (CVE-2021-41190), also if only because Go's decoder does not look at the case of names, and
  /// takes a long s and the sign for kelvin as letters.
  ///
  /// @param expected what the descriptor or the Content-Type says it is
  /// @param own the members that such a document has
  /// @param foreign the members that it must not have
  static MediaType check(
      JsonObject json, MediaType expected, List<String> own, List<String> foreign)
      throws ImageFormatException {
    for (var key : json.members().keySet()) {
      for (var name : own) {
        if (key.equalsIgnoreCase(name) && !key.equals(name)) {
          throw ambiguous(json, key);
        }
      }
      for (var name : foreign) {
        if (key.equalsIgnoreCase(name)) {
          throw ambiguous(json, key);
        }
      }
    }
    if (json.requiredNumber("schemaVersion") != 2) {
      throw json.wrong("schemaVersion", "2");
    }
    var declared = json.string("mediaType");
    if (declared.isEmpty()) {
      if (expected.equals(MediaType.DOCKER_MANIFEST) || expected.equals(MediaType.DOCKER_INDEX)) {
        throw json.missing("mediaType"); // optional in OCI documents only
      }
      return expected;
    }
    if (!declared.get().equals(expected.name())) {
      throw new ImageFormatException(
          json.what() + " should be " + expected + " but says " + Printable.of(declared.get()));
    }
    return expected;
  }

  private static ImageFormatException ambiguous(JsonObject json, String key) {
    return new ImageFormatException(
        json.what() + " is ambiguous: it has a member \"" + Printable.of(key) + "\"");
  }

  static Map<String, Object> write(Descriptor descriptor) {
    var json = new LinkedHashMap<String, Object>();
    json.put("mediaType", descriptor.mediaType().name());
    json.put("digest", descriptor.digest().toString());
    json.put("size", descriptor.size());
    putUnlessEmpty(json, "annotations", descriptor.annotations());
    var platform = descriptor.platform();
    if (platform != null) {
      var inner = new LinkedHashMap<String, Object>();
      inner.put("architecture", platform.architecture());
      inner.put("os", platform.os());
      if (!platform.variant().isEmpty()) {
        inner.put("variant", platform.variant());
      }
      json.put("platform", inner);
    }
    var artifactType = descriptor.artifactType();
    if (artifactType != null) {
      json.put("artifactType", artifactType);
    }
    return json;
  }

  static List<Object> writeAll(List<Descriptor> descriptors) {
    var list = new ArrayList<>();
    descriptors.forEach(descriptor -> list.add(write(descriptor)));
    return list;
  }

  static void putUnlessEmpty(Map<String, Object> json, String key, SortedMap<String, String> map) {
    if (!map.isEmpty()) {
      json.put(key, map);
    }
  }
}
