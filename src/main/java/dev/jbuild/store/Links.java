package dev.jbuild.store;

import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// What a blob names: an index its manifests, a manifest its config and layers, a config its diff
/// IDs. Any other blob names nothing.
///
/// Read from the members that the document has and not by its media type, which is not known of a
/// blob that only a lease names. It may so be taken for more than it is, never for less.
///
/// @param documents may name more themselves
/// @param leaves name nothing
/// @param diffIds of a config, lowest layer first
/// @param index whether the documents are manifests of an index, of which some may be missing: the
///     image was pulled for other platforms only
record Links(List<Link> documents, List<Link> leaves, List<Digest> diffIds, boolean index) {

  static final Links NONE = new Links(List.of(), List.of(), List.of(), false);

  private static final int BEGINS_OBJECT = '{';

  /// @param size that the blob must have, if that is said
  record Link(Digest digest, OptionalLong size) {}

  /// Whether a blob with these first bytes and this size can be a document.
  static boolean possible(int firstByte, long size) {
    return firstByte == BEGINS_OBJECT && size <= Json.DOCUMENT_LIMIT;
  }

  /// What `bytes` name.
  static Links of(byte[] bytes) {
    try {
      var json = JsonObject.parse(bytes, "blob");
      var documents = new ArrayList<>(links(json, "manifests"));
      var config = json.object("config");
      if (config.isPresent() && config.get().has("digest")) {
        documents.add(link(config.get()));
      }
      var rootfs = json.object("rootfs");
      var diffIds = rootfs.isPresent() ? digests(rootfs.get(), "diff_ids") : List.<Digest>of();
      boolean index = !documents.isEmpty() && json.has("manifests");
      return new Links(List.copyOf(documents), links(json, "layers"), diffIds, index);
    } catch (ImageFormatException | IllegalArgumentException e) {
      return NONE; // no document of an image
    }
  }

  private static List<Link> links(JsonObject json, String key) throws ImageFormatException {
    var links = new ArrayList<Link>();
    for (var element : json.objects(key)) {
      links.add(link(element));
    }
    return List.copyOf(links);
  }

  private static Link link(JsonObject descriptor) throws ImageFormatException {
    return new Link(Digest.parse(descriptor.requiredString("digest")), descriptor.number("size"));
  }

  /// The digests in a list of strings.
  ///
  /// @throws ImageFormatException if it is none
  static List<Digest> digests(JsonObject json, String key) throws ImageFormatException {
    var digests = new ArrayList<Digest>();
    for (var text : json.strings(key)) {
      try {
        digests.add(Digest.parse(text));
      } catch (IllegalArgumentException e) {
        throw new ImageFormatException(Printable.of(key) + ": " + e.getMessage(), e);
      }
    }
    return List.copyOf(digests);
  }
}
