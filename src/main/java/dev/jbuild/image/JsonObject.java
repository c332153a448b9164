package dev.jbuild.image;

import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A JSON object read member by member, with the name of its document for messages.
///
/// A member that is null counts as missing, as Go's decoder has it. Every method throws
/// [ImageFormatException] naming the document and the member if its value has another type.
public final class JsonObject {

  private final Map<String, Object> members;
  private final String what;

  private JsonObject(Map<String, Object> members, String what) {
    this.members = members;
    this.what = what;
  }

  /// Reads a document that must be an object, with the limits of [Json#parse].
  ///
  /// @param what names the document in messages: `manifest sha256:…`
  public static JsonObject parse(byte[] bytes, String what) throws ImageFormatException {
    return parse(bytes, what, Json.DOCUMENT_LIMIT);
  }

  /// The same for a document of at most `limit` bytes.
  public static JsonObject parse(byte[] bytes, String what, int limit) throws ImageFormatException {
    return of(Json.parse(bytes, what, limit), what);
  }

  /// The same, with the elements of one list as [Json.Verbatim].
  public static JsonObject parse(byte[] bytes, String what, int limit, String list)
      throws ImageFormatException {
    return of(Json.parse(bytes, what, limit, list), what);
  }

  /// `value`, which must be an object that [Json#parse] returned.
  public static JsonObject of(Object value, String what) throws ImageFormatException {
    if (value instanceof Map<?, ?> map) {
      @SuppressWarnings("unchecked") // Json.parse makes no other maps
      var members = (Map<String, Object>) map;
      return new JsonObject(members, what);
    }
    throw new ImageFormatException(what + " is not a JSON object");
  }

  /// All members in the order of the document.
  public Map<String, Object> members() {
    return members;
  }

  /// The name of the document, with the way to this object in it.
  public String what() {
    return what;
  }

  /// Whether there is such a member and it is not null.
  public boolean has(String key) {
    return get(key) != null;
  }

  public Optional<String> string(String key) throws ImageFormatException {
    Object value = get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text) {
      return Optional.of(text);
    }
    throw wrong(key, "a string");
  }

  public String requiredString(String key) throws ImageFormatException {
    return string(key).orElseThrow(() -> missing(key));
  }

  /// An integer that fits a `long`.
  public OptionalLong number(String key) throws ImageFormatException {
    Object value = get(key);
    if (value == null) {
      return OptionalLong.empty();
    }
    if (value instanceof Long number) {
      return OptionalLong.of(number);
    }
    throw wrong(key, "an integer of 64 bits");
  }

  public long requiredNumber(String key) throws ImageFormatException {
    return number(key).orElseThrow(() -> missing(key));
  }

  /// A boolean; false if there is none.
  public boolean flag(String key) throws ImageFormatException {
    Object value = get(key);
    if (value == null) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(key, "true or false");
  }

  public Optional<JsonObject> object(String key) throws ImageFormatException {
    Object value = get(key);
    return value == null ? Optional.empty() : Optional.of(of(value, what + ": " + name(key)));
  }

  public JsonObject requiredObject(String key) throws ImageFormatException {
    return object(key).orElseThrow(() -> missing(key));
  }

  /// An array's elements; none if there is no such member.
  public List<Object> list(String key) throws ImageFormatException {
    Object value = get(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return Collections.unmodifiableList(list);
    }
    throw wrong(key, "an array");
  }

  public List<JsonObject> objects(String key) throws ImageFormatException {
    var objects = new ArrayList<JsonObject>();
    for (Object element : list(key)) {
      objects.add(of(element, what + ": " + name(key) + "[" + objects.size() + "]"));
    }
    return List.copyOf(objects);
  }

  public List<String> strings(String key) throws ImageFormatException {
    var strings = new ArrayList<String>();
    for (Object element : list(key)) {
      if (!(element instanceof String text)) {
        throw wrong(key, "an array of strings");
      }
      strings.add(text);
    }
    return List.copyOf(strings);
  }

  /// An object whose members are all strings; empty if there is no such member.
  public SortedMap<String, String> stringMap(String key) throws ImageFormatException {
    var map = new TreeMap<String, String>();
    var object = object(key);
    if (object.isPresent()) {
      for (var member : object.get().members.entrySet()) {
        if (!(member.getValue() instanceof String text)) {
          throw wrong(key, "an object with strings only");
        }
        map.put(member.getKey(), text);
      }
    }
    return map;
  }

  /// The exception that says that `key` should be there.
  public ImageFormatException missing(String key) {
    return new ImageFormatException(what + ": " + name(key) + " is missing");
  }

  /// The exception that says that `key` should be `expected`.
  public ImageFormatException wrong(String key, String expected) {
    return new ImageFormatException(what + ": " + name(key) + " must be " + expected);
  }

  private @Nullable Object get(String key) {
    Object value = members.get(key);
    return Json.NULL.equals(value) ? null : value;
  }

  private static String name(String key) {
    return "\"" + Printable.of(key) + "\"";
  }
}
