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

  /// How jbuild writes what is before the elements, and behind them.
  private static final String BEGIN =
      "{\"schemaVersion\":2,\"mediaType\":\""
          + MediaType.OCI_INDEX.name()
          + "\",\""
          + MANIFESTS
          + "\":[";
  private static final String END = "]}";

  /// Stands for bytes that are not UTF-8.
  private static final char REPLACEMENT = '\uFFFD';

  private static final String ANNOTATIONS = "annotations";

  /// Beside the elements; null if jbuild wrote the document, and nobody has put more there.
  private final @Nullable Map<String, Object> members;

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
      return plainEnd(text, 0) == text.length();
    }

    /// Where an element that is written so and begins at `start` ends; -1 if there is none.
    private static int plainEnd(String text, int start) {
      int digits = start + PLAIN_SIZE + SIZE.length();
      if (!text.startsWith(PLAIN, start)
          || !text.startsWith(SIZE, start + PLAIN_SIZE)
          || !Names.isHexAt(text, start + PLAIN.length())) {
        return -1;
      }
      int end = digits;
      while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
        end++;
      }
      boolean isSize = end > digits && end - digits <= MOST_DIGITS && text.charAt(digits) != '0';
      return isSize && text.startsWith("}", end) ? end + 1 : -1;
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

  private IndexFile(@Nullable Map<String, Object> members, List<Item> items) {
    this.members = members;
    this.items = items;
  }

  /// Reads the document.
  ///
  /// @param what names the file in messages
  static IndexFile parse(byte[] bytes, String what) throws ImageFormatException {
    var own = bytes.length > LIMIT ? null : own(new String(bytes, StandardCharsets.UTF_8));
    return own == null ? foreign(bytes, what) : own;
  }

  /// A document as jbuild writes it: it is cut into its elements, of which only those are read as
  /// JSON that are not plain. Null if it is not of that form, or there is something wrong with it.
  static @Nullable IndexFile own(String text) {
    if (!text.startsWith(BEGIN) || text.indexOf(REPLACEMENT) >= 0) {
      return null;
    }
    var items = new ArrayList<Item>();
    int at = BEGIN.length();
    boolean isEnd = text.startsWith(END, at);
    while (!isEnd) {
      int plainEnd = Item.plainEnd(text, at);
      int end = plainEnd < 0 ? objectEnd(text, at) : plainEnd;
      isEnd = text.startsWith(END, end);
      if (end < 0 || !(isEnd || text.startsWith(",", end))) {
        return null;
      }
      try {
        var element = text.substring(at, end);
        items.add(plainEnd < 0 ? Item.of(element, MANIFESTS) : new Item(element, true, null));
      } catch (ImageFormatException e) {
        return null; // it is told where the whole is read
      }
      at = isEnd ? end : end + 1;
    }
    return text.length() == at + END.length() ? new IndexFile(null, items) : null;
  }

  /// Where the JSON object that begins at `start` ends; -1 if none does. What is between may be
  /// anything.
  private static int objectEnd(String text, int start) {
    int depth = 0;
    boolean isText = false;
    for (int i = start; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '"' -> isText = !isText;
        case '\\' -> i++;
        case '{' -> depth += isText ? 0 : 1;
        case '}' -> depth -= isText ? 0 : 1;
        default -> {}
      }
      if (depth == 0) {
        return i > start ? i + 1 : -1;
      }
    }
    return -1;
  }

  /// The same, read as JSON, whoever wrote it.
  static IndexFile foreign(byte[] bytes, String what) throws ImageFormatException {
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
    if (members == null) {
      var texts = items.stream().map(Item::text).toList();
      return (BEGIN + String.join(",", texts) + END).getBytes(StandardCharsets.UTF_8);
    }
    var json = new LinkedHashMap<>(members);
    json.put(MANIFESTS, items.stream().map(item -> new Json.Verbatim(item.text)).toList());
    return Json.write(json);
  }
}
