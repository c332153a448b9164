package dev.jbuild.store;

import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The document index.json with everything that others have put into it.
///
/// A descriptor of a digest algorithm that we do not know is carried along unread; any other must
/// be right.
final class IndexFile {

  /// Some 100,000 images.
  static final int LIMIT = 32 << 20;

  private static final String MANIFESTS = "manifests";
  private static final String ANNOTATIONS = "annotations";

  private final Map<String, Object> members;
  private final List<Item> items;

  /// One element of `manifests`.
  ///
  /// @param json as it is in the file
  /// @param descriptor what it says; none if only others understand it
  record Item(Map<String, Object> json, @Nullable Descriptor descriptor) {

    Optional<String> name() {
      return descriptor == null
          ? Optional.empty()
          : Optional.ofNullable(descriptor.annotations().get(Descriptor.REF_NAME));
    }

    boolean isNamed(String name) {
      return name().filter(name::equals).isPresent();
    }

    boolean is(Digest digest) {
      return descriptor != null && descriptor.digest().equals(digest);
    }

    boolean isDangling() {
      return descriptor != null && name().isEmpty();
    }

    /// How it stands in the file.
    String text() {
      return new String(Json.write(json), StandardCharsets.UTF_8);
    }

    /// The same without a name.
    Item withoutName() {
      if (descriptor == null) {
        return this;
      }
      var annotations = new LinkedHashMap<>(descriptor.annotations());
      annotations.remove(Descriptor.REF_NAME);
      var copy = new LinkedHashMap<>(json);
      if (annotations.isEmpty()) {
        copy.remove(ANNOTATIONS);
      } else {
        copy.put(ANNOTATIONS, annotations);
      }
      return new Item(copy, descriptor.withAnnotations(annotations));
    }

    static Item of(Descriptor descriptor) {
      var json = new LinkedHashMap<String, Object>();
      json.put("mediaType", descriptor.mediaType().name());
      json.put("digest", descriptor.digest().toString());
      json.put("size", descriptor.size());
      if (!descriptor.annotations().isEmpty()) {
        json.put(ANNOTATIONS, descriptor.annotations());
      }
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
      return new Item(json, descriptor);
    }
  }

  private IndexFile(Map<String, Object> members, List<Item> items) {
    this.members = members;
    this.items = items;
  }

  /// Reads the document.
  ///
  /// @param what names the file in messages
  static IndexFile parse(byte[] bytes, String what) throws ImageFormatException {
    var json = JsonObject.parse(bytes, what, LIMIT);
    if (json.requiredNumber("schemaVersion") != 2) {
      throw json.wrong("schemaVersion", "2");
    }
    if (!json.has(MANIFESTS)) {
      throw json.missing(MANIFESTS);
    }
    var items = new ArrayList<Item>();
    for (var element : json.objects(MANIFESTS)) {
      items.add(new Item(element.members(), descriptor(element)));
    }
    return new IndexFile(json.members(), items);
  }

  private static @Nullable Descriptor descriptor(JsonObject json) throws ImageFormatException {
    var digest = json.requiredString("digest");
    if (digest.indexOf(':') > 0 && !digest.startsWith("sha256:")) {
      return null;
    }
    long size = json.requiredNumber("size");
    try {
      return new Descriptor(
          new MediaType(json.requiredString("mediaType")),
          Digest.parse(digest),
          size,
          json.stringMap(ANNOTATIONS),
          platform(json),
          json.string("artifactType").orElse(null));
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException(json.what() + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable Platform platform(JsonObject json) throws ImageFormatException {
    var platform = json.object("platform");
    if (platform.isEmpty()) {
      return null;
    }
    return new Platform(
        platform.get().string("os").orElse(""),
        platform.get().string("architecture").orElse(""),
        platform.get().string("variant").orElse(""));
  }

  /// The same document, to be changed by itself.
  IndexFile copy() {
    return new IndexFile(members, new ArrayList<>(items));
  }

  /// The elements of `manifests`, to be changed.
  List<Item> items() {
    return items;
  }

  /// A name that two elements have, if there is one.
  Optional<String> doubleName() {
    var seen = new HashSet<String>();
    for (var item : items) {
      if (item.name().isPresent() && !seen.add(item.name().get())) {
        return item.name();
      }
    }
    return Optional.empty();
  }

  byte[] bytes() {
    var json = new LinkedHashMap<>(members);
    json.put(MANIFESTS, items.stream().map(Item::json).toList());
    return Json.write(json);
  }
}
