package dev.jbuild.serve;

import dev.jbuild.failure.Printable;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.MediaType;
import dev.jbuild.image.Platform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// `/v2/<name>/manifests/<tag or digest>`.
final class ManifestEndpoint {

  private static final int MOST_TAGS = 100;
  private static final int SHOWN_TAGS = 10;

  /// A manifest has to arrive in this time, since it is kept in memory while it does.
  private static final long LONGEST_NANOS = Duration.ofSeconds(60).toNanos();

  private final Content content;
  private final Room room;

  ManifestEndpoint(Content content, Room room) {
    this.content = content;
    this.room = room;
  }

  /// GET and HEAD.
  void get(Exchange exchange, RepositoryName repository, String reference) throws IOException {
    var document = room.reading(() -> wanted(exchange, repository, reference));
    var tag = "\"" + document.digest() + "\"";
    exchange.field("Docker-Content-Digest", document.digest().toString()).field("ETag", tag);
    if (exchange.headers().lists("If-None-Match", tag)) {
      exchange.reply(304);
      return;
    }
    try (var _ = room.leaving(document.bytes().length)) {
      exchange.reply(200, document.mediaType().name(), document.bytes());
    }
  }

  private Document wanted(Exchange exchange, RepositoryName repository, String reference)
      throws IOException {
    var found = find(repository, reference).orElseThrow(() -> unknown(repository, reference));
    return isDigest(reference) ? found : negotiated(exchange, repository, found);
  }

  private Optional<Document> find(RepositoryName repository, String reference) throws IOException {
    if (isDigest(reference)) {
      return content.manifest(repository, ContentDigest.parse(reference));
    }
    if (!Tag.isValid(reference)) {
      return Optional.empty(); // it cannot be there, which is all that a reader asks
    }
    var digest = content.resolve(repository, new Tag(reference));
    return digest.isEmpty() ? Optional.empty() : content.manifest(repository, digest.get());
  }

  /// No tag has a colon.
  private static boolean isDigest(String reference) {
    return reference.indexOf(':') >= 0;
  }

  private static Refusal unknown(RepositoryName repository, String reference) {
    return Refusal.notFound(
        ErrorCode.MANIFEST_UNKNOWN,
        "the repository " + repository + " has no manifest " + Printable.of(reference));
  }

  /// A client that asks for a tag and takes manifests, but not this index, gets the index's
  /// manifest for linux/amd64, as registries have always done. Whatever else it asks for, it gets
  /// what there is: there is only one form of it.
  private Document negotiated(Exchange exchange, RepositoryName repository, Document found)
      throws IOException {
    var accepted = accepted(exchange);
    if (!found.mediaType().isIndex() || accepts(accepted, found.mediaType())) {
      return found;
    }
    try {
      var child = Index.parse(found.bytes(), found.mediaType()).find(Platform.parse("linux/amd64"));
      if (child.isPresent() && accepts(accepted, child.get().mediaType())) {
        return content
            .manifest(repository, ContentDigest.parse(child.get().digest().toString()))
            .orElse(found);
      }
    } catch (ImageFormatException e) {
      return found; // its digests are not of sha256
    }
    return found;
  }

  private static List<String> accepted(Exchange exchange) {
    var types = new ArrayList<String>();
    for (var field : exchange.headers().all("Accept")) {
      for (var type : field.split(",", -1)) {
        types.add(Document.withoutParameters(type.toLowerCase(Locale.ROOT)));
      }
    }
    return types;
  }

  private static boolean accepts(List<String> accepted, MediaType type) {
    return accepted.isEmpty()
        || accepted.contains("*/*")
        || accepted.contains("application/*")
        || accepted.contains("application/json")
        || accepted.contains(type.name());
  }

  void put(Exchange exchange, RepositoryName repository, String reference) throws IOException {
    long declared = exchange.declaredLength().orElse((long) Document.LARGEST);
    if (declared > Document.LARGEST) {
      throw tooLarge();
    }
    try (var _ = room.arriving(declared)) {
      keep(exchange, repository, reference);
    }
  }

  private void keep(Exchange exchange, RepositoryName repository, String reference)
      throws IOException {
    boolean byDigest = isDigest(reference);
    var expected =
        byDigest ? Optional.of(ContentDigest.parse(reference)) : Optional.<ContentDigest>empty();
    var tags = byDigest ? tags(exchange) : List.of(new Tag(reference));
    var algorithm = expected.map(ContentDigest::algorithm).orElse(ContentDigest.Algorithm.SHA256);
    var bytes = body(exchange);
    var type = exchange.headers().first("Content-Type");
    var document = room.reading(() -> Document.pushed(bytes, algorithm, type));
    if (expected.isPresent() && !expected.get().equals(document.digest())) {
      throw Upload.wrongDigest(expected.get(), document.digest());
    }
    if (Room.isLarge(bytes.length)) { // it is read once more on the way
      room.reading(
          () -> {
            content.put(repository, document, tags);
            return document;
          });
    } else {
      content.put(repository, document, tags);
    }
    exchange
        .field("Location", "/v2/" + repository + "/manifests/" + document.digest())
        .field("Docker-Content-Digest", document.digest().toString());
    document.subject().ifPresent(subject -> exchange.field("OCI-Subject", subject.toString()));
    if (byDigest) {
      for (int i = 0; i < tags.size(); i += SHOWN_TAGS) {
        var some = tags.subList(i, Math.min(tags.size(), i + SHOWN_TAGS));
        exchange.field("OCI-Tag", String.join(", ", some.stream().map(Tag::text).toList()));
      }
    }
    exchange.reply(201);
  }

  private static List<Tag> tags(Exchange exchange) {
    var texts = exchange.target().all("tag");
    if (texts.size() > MOST_TAGS) {
      throw Refusal.of(414, ErrorCode.UNSUPPORTED, "at most " + MOST_TAGS + " tags at once");
    }
    return texts.stream().map(Tag::new).distinct().toList();
  }

  private static byte[] body(Exchange exchange) throws IOException {
    var in = exchange.body();
    long start = System.nanoTime();
    var bytes = new ByteArrayOutputStream();
    var buffer = new byte[8192];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      bytes.write(buffer, 0, n);
      if (bytes.size() > Document.LARGEST) {
        throw tooLarge();
      }
      if (System.nanoTime() - start > LONGEST_NANOS) {
        throw Refusal.of(408, ErrorCode.UNKNOWN, "the manifest came too slowly");
      }
    }
    return bytes.toByteArray();
  }

  private static Refusal tooLarge() {
    return Refusal.of(
        413,
        ErrorCode.SIZE_INVALID,
        "a manifest may have " + Document.LARGEST + " bytes, this one has more");
  }

  void delete(Exchange exchange, RepositoryName repository, String reference) throws IOException {
    boolean removed =
        isDigest(reference)
            ? content.removeManifest(repository, ContentDigest.parse(reference))
            : content.untag(repository, new Tag(reference));
    if (!removed) {
      throw unknown(repository, reference);
    }
    exchange.reply(202);
  }
}
