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
  static final class Item {

    /// How most are written: the images that lost their names, of which each build may make one.
    /// Of these no JSON is read, and what they say only when it is asked for.
    private static final String PLAIN =
        "{\"mediaType\":\"" + MediaType.OCI_MANIFEST.name() + "\",\"digest\":\"sha256:";

    private static final int PLAIN_SIZE = PLAIN.length() + 64;
    private static final String SIZE = "\",\"size\":";
    private static final int MOST_DIGITS = 18;

    private final String text;
    private final boolean isPlain;
    private final @Nullable Descriptor descriptor;

    private Item(String text, boolean isPlain, @Nullable Descriptor descriptor) {
      this.text = text;
      this.isPlain = isPlain;
      this.descriptor = descriptor;
    }

    /// @param text as it is in the file
    /// @param what names it in messages
    static Item of(String text, String what) throws ImageFormatException {
      return isPlain(text)
          ? new Item(text, true, null)
          : new Item(text, false, IndexFile.descriptor(parse(text, what)));
    }

    private static boolean isPlain(String text) {
      int digits = PLAIN_SIZE + SIZE.length();
      int end = text.length() - 1;
      boolean isPlain =
          text.startsWith(PLAIN)
              && text.startsWith(SIZE, PLAIN_SIZE)
              && Names.isHex(text.substring(PLAIN.length(), PLAIN_SIZE))
              && end > digits
              && end - digits <= MOST_DIGITS
              && text.charAt(end) == '}'
              && text.charAt(digits) != '0';
      for (int i = digits; i < end && isPlain; i++) {
        isPlain = text.charAt(i) >= '0' && text.charAt(i) <= '9';
      }
      return isPlain;
    }

    private static JsonObject parse(String text, String what) throws ImageFormatException {
      return JsonObject.parse(text.getBytes(StandardCharsets.UTF_8), what, LIMIT);
    }

    /// What it says; null if only others understand it.
    @Nullable Descriptor descriptor() {
      if (!isPlain) {
        return descriptor;
      }
      var size = text.substring(PLAIN_SIZE + SIZE.length(), text.length() - 1);
      var digest = new Digest(text.substring(PLAIN.length(), PLAIN_SIZE));
      return new Descriptor(MediaType.OCI_MANIFEST, digest, Long.parseLong(size));
    }

    Optional<String> name() {
      return descriptor == null
          ? Optional.empty()
          : Optional.ofNullable(descriptor.annotations().get(Descriptor.REF_NAME));
    }

    boolean isNamed(String name) {
      return name().filter(name::equals).isPresent();
    }

    boolean is(Digest digest) {
      return is(digest.hex());
    }

    /// The same where many are asked.
    ///
    /// @param hex of the digest
    boolean is(String hex) {
      return isPlain
          ? text.startsWith(hex, PLAIN.length())
          : descriptor != null && descriptor.digest().hex().equals(hex);
    }

    boolean isDangling() {
      return isPlain || (descriptor != null && name().isEmpty());
    }

    /// How it stands in the file.
    String text() {
      return text;
    }

    /// The same without a name.
    Item withoutName() throws ImageFormatException {
      if (descriptor == null) {
        return this;
      }
      var annotations = new LinkedHashMap<>(descriptor.annotations());
      annotations.remove(Descriptor.REF_NAME);
      var copy = new LinkedHashMap<>(parse(text, "it").members());
      if (annotations.isEmpty()) {
        copy.remove(ANNOTATIONS);
      } else {
        copy.put(ANNOTATIONS, annotations);
      }
      return of(copy, descriptor.withAnnotations(annotations));
    }

    private static Item of(Map<String, Object> json, Descriptor descriptor) {
      return new Item(new String(Json.write(json), StandardCharsets.UTF_8), false, descriptor);
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
      return of(json, descriptor);
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
    var json = JsonObject.parse(bytes, what, LIMIT, MANIFESTS);
    if (json.requiredNumber("schemaVersion") != 2) {
      throw json.wrong("schemaVersion", "2");
    }
    if (!json.has(MANIFESTS)) {
      throw json.missing(MANIFESTS);
    }
    var items = new ArrayList<Item>();
    for (var element : json.list(MANIFESTS)) {
      if (element instanceof Json.Verbatim(String text)) {
        items.add(Item.of(text, what + ": \"" + MANIFESTS + "\"[" + items.size() + "]"));
      }
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
    json.put(MANIFESTS, items.stream().map(item -> new Json.Verbatim(item.text)).toList());
    return Json.write(json);
  }
}
