package dev.jbuild.serve;

import dev.jbuild.failure.Printable;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import dev.jbuild.image.MediaType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/// A manifest or an index as it was pushed, byte for byte, and what a registry must know of it.
///
/// Read for what it names and no more: types of configs and layers may be anything, and digests of
/// SHA-512. A document that one reader could take for a manifest and another for an index is
/// refused (CVE-2021-41190).
///
/// @param digest under which it was asked for
/// @param blobs config and layers; empty for an index
/// @param manifests of an index
/// @param artifactType of a manifest without one, the media type of its config; empty if none
record Document(
    ContentDigest digest,
    MediaType mediaType,
    byte[] bytes,
    List<Link> blobs,
    List<Link> manifests,
    Optional<ContentDigest> subject,
    String artifactType,
    SortedMap<String, String> annotations) {

  /// Larger manifests are refused (413). The specification wants 4 megabytes to be taken.
  static final int LARGEST = Json.DOCUMENT_LIMIT;

  private static final List<String> NAMES =
      List.of(
          "schemaVersion",
          "mediaType",
          "artifactType",
          "config",
          "layers",
          "manifests",
          "subject",
          "annotations",
          "fsLayers");

  /// Which of them each kind must not have.
  private static final Set<String> NOT_IN_MANIFEST = Set.of("manifests", "fsLayers");
  private static final Set<String> NOT_IN_INDEX = Set.of("config", "layers", "fsLayers");

  /// Reads a document that is pushed.
  ///
  /// @param algorithm of the digest that it gets
  /// @param contentType as the client gave it, perhaps with parameters
  /// @throws Refusal if it is none, or not what its type says
  static Document pushed(
      byte[] bytes, ContentDigest.Algorithm algorithm, Optional<String> contentType) {
    var digest = ContentDigest.of(algorithm, bytes);
    try {
      var json = JsonObject.parse(bytes, "the manifest");
      return read(json, bytes, digest, mediaType(json, contentType));
    } catch (ImageFormatException e) {
      throw Refusal.bad(ErrorCode.MANIFEST_INVALID, String.valueOf(e.getMessage()));
    }
  }

  /// Reads a document that is kept.
  ///
  /// @throws ImageFormatException if it is damaged
  static Document kept(byte[] bytes, ContentDigest digest, MediaType mediaType)
      throws ImageFormatException {
    try {
      return read(JsonObject.parse(bytes, "manifest " + digest), bytes, digest, mediaType);
    } catch (Refusal e) {
      throw new ImageFormatException(String.valueOf(e.getMessage()), e);
    }
  }

  private static MediaType mediaType(JsonObject json, Optional<String> contentType)
      throws ImageFormatException {
    var declared = json.string("mediaType");
    var sent = contentType.map(Document::withoutParameters).filter(type -> !type.isEmpty());
    var type = sent.or(() -> declared);
    if (type.isEmpty()) {
      throw Refusal.bad(
          ErrorCode.MANIFEST_INVALID,
          "neither Content-Type nor the member mediaType says what the manifest is");
    }
    if (declared.isPresent() && !declared.get().equals(type.get())) {
      throw Refusal.bad(
          ErrorCode.MANIFEST_INVALID,
          "the Content-Type is "
              + Printable.of(type.get())
              + " but the manifest says "
              + Printable.of(declared.get()));
    }
    return known(type.get());
  }

  static String withoutParameters(String type) {
    int semicolon = type.indexOf(';');
    return (semicolon < 0 ? type : type.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
  }

  private static MediaType known(String text) {
    for (var type :
        List.of(
            MediaType.OCI_MANIFEST,
            MediaType.OCI_INDEX,
            MediaType.DOCKER_MANIFEST,
            MediaType.DOCKER_INDEX)) {
      if (type.name().equals(text)) {
        return type;
      }
    }
    throw Refusal.bad(
        ErrorCode.MANIFEST_INVALID,
        "this registry keeps image manifests and indexes of OCI and of Docker (schema 2), not "
            + Printable.of(text));
  }

  private static Document read(
      JsonObject json, byte[] bytes, ContentDigest digest, MediaType mediaType)
      throws ImageFormatException {
    boolean index = mediaType.isIndex();
    check(json, index ? NOT_IN_INDEX : NOT_IN_MANIFEST);
    if (json.requiredNumber("schemaVersion") != 2) {
      throw json.wrong("schemaVersion", "2");
    }
    var blobs = new ArrayList<Link>();
    var manifests = List.<Link>of();
    var artifactType = json.string("artifactType").orElse("");
    if (index) {
      manifests = links(json, "manifests");
    } else {
      var config = link(json.requiredObject("config"));
      blobs.add(config);
      blobs.addAll(links(json, "layers"));
      artifactType = artifactType.isEmpty() ? config.mediaType() : artifactType;
    }
    var subject = json.object("subject");
    return new Document(
        digest,
        mediaType,
        bytes,
        List.copyOf(blobs),
        manifests,
        subject.isPresent() ? Optional.of(link(subject.get()).digest()) : Optional.empty(),
        artifactType,
        json.stringMap("annotations"));
  }

  /// Go's decoder does not look at the case of names: `Layers` would be layers to it.
  private static void check(JsonObject json, Set<String> foreign) throws ImageFormatException {
    for (var key : json.members().keySet()) {
      for (var name : NAMES) {
        if (name.equalsIgnoreCase(key) && (!name.equals(key) || foreign.contains(name))) {
          throw new ImageFormatException(
              json.what() + " is ambiguous: it has a member \"" + Printable.of(key) + "\"");
        }
      }
    }
  }

  private static List<Link> links(JsonObject json, String key) throws ImageFormatException {
    if (!json.has(key)) {
      throw json.missing(key);
    }
    var links = new ArrayList<Link>();
    for (var element : json.objects(key)) {
      links.add(link(element));
    }
    return List.copyOf(links);
  }

  private static Link link(JsonObject json) throws ImageFormatException {
    var type = json.requiredString("mediaType");
    var text = json.requiredString("digest");
    var digest = ContentDigest.find(text);
    if (digest.isEmpty()) {
      throw json.wrong("digest", "a digest of sha256 or sha512");
    }
    long size = json.requiredNumber("size");
    if (size < 0) {
      throw json.wrong("size", "a number of bytes");
    }
    boolean foreign =
        type.contains("nondistributable")
            || type.contains(".foreign.")
            || !json.strings("urls").isEmpty();
    return new Link(type, digest.get(), size, foreign);
  }

  /// Everything that must be in the repository beside it. Its subject need not be.
  List<Link> needed() {
    var needed = new ArrayList<>(manifests);
    blobs.stream().filter(link -> !link.foreign()).forEach(needed::add);
    return List.copyOf(needed);
  }

  /// @throws Refusal (MANIFEST_BLOB_UNKNOWN) that names what of it is `missing`, if anything is
  static void refuseMissing(List<Link> missing) {
    if (!missing.isEmpty()) {
      throw Refusal.of(
          400,
          missing.stream()
              .limit(20)
              .map(
                  link ->
                      new Refusal.Fault(
                          ErrorCode.MANIFEST_BLOB_UNKNOWN,
                          "the manifest names "
                              + link.digest()
                              + ", which is not in this repository"))
              .toList());
    }
  }
}
