package dev.jbuild.image;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One line of an image's history (image-spec, config.md, history).
///
/// @param created if it is known and can be read
/// @param createdBy the instruction as text; empty if unknown, as the other texts
/// @param emptyLayer whether the instruction added no layer
/// @param asRead the entry of a base as its config had it, which is written again unchanged; empty
///     for our own
public record History(
    @Nullable Instant created,
    String createdBy,
    String author,
    String comment,
    boolean emptyLayer,
    Map<String, Object> asRead) {

  public History(
      @Nullable Instant created,
      String createdBy,
      String author,
      String comment,
      boolean emptyLayer) {
    this(created, createdBy, author, comment, emptyLayer, Map.of());
  }

  /// This entry with another time; it is then ours.
  public History withCreated(@Nullable Instant replacement) {
    return new History(replacement, createdBy, author, comment, emptyLayer);
  }

  static History read(JsonObject json) throws ImageFormatException {
    var created = json.string("created");
    return new History(
        created.isPresent() ? Rfc3339.parse(created.get()) : null,
        json.string("created_by").orElse(""),
        json.string("author").orElse(""),
        json.string("comment").orElse(""),
        json.flag("empty_layer"),
        json.members());
  }

  Map<String, Object> write() {
    if (!asRead.isEmpty()) {
      return asRead;
    }
    var json = new LinkedHashMap<String, Object>();
    if (created != null) {
      json.put("created", Rfc3339.format(created));
    }
    put(json, "created_by", createdBy);
    put(json, "author", author);
    put(json, "comment", comment);
    if (emptyLayer) {
      json.put("empty_layer", true);
    }
    return json;
  }

  private static void put(Map<String, Object> json, String key, String text) {
    if (!text.isEmpty()) {
      json.put(key, text);
    }
  }
}
