package dev.jbuild.serve;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.io.IOException;

/// `/v2/<name>/blobs/uploads/` and the uploads in it.
final class UploadEndpoint {

  private final Content content;

  UploadEndpoint(Content content) {
    this.content = content;
  }

  /// POST: mounts a blob, takes one whole, or begins an upload.
  void start(Exchange exchange, RepositoryName repository) throws IOException {
    var target = exchange.target();
    var mount = target.parameter("mount").map(ContentDigest::parse);
    if (mount.isPresent()) {
      var from = target.parameter("from").filter(name -> !name.isEmpty()).map(RepositoryName::new);
      if (content.mount(repository, from, mount.get())) {
        created(exchange, repository, mount.get());
        return;
      }
    }
    var digest = target.parameter("digest").map(ContentDigest::parse);
    var upload =
        content.begin(
            repository, digest.map(ContentDigest::algorithm).orElseGet(() -> algorithm(target)));
    try {
      if (digest.isPresent() && mount.isEmpty()) {
        whole(exchange, repository, upload, digest.get());
      } else {
        where(exchange, repository, upload).reply(202);
      }
    } finally {
      upload.leave();
    }
  }

  private static ContentDigest.Algorithm algorithm(Target target) {
    var label = target.parameter("digest-algorithm").orElse("sha256");
    return ContentDigest.Algorithm.find(label)
        .orElseThrow(
            () ->
                Refusal.bad(
                    ErrorCode.DIGEST_INVALID,
                    "digest-algorithm is sha256 or sha512, not " + Printable.of(label)));
  }

  private static void whole(
      Exchange exchange, RepositoryName repository, Upload upload, ContentDigest digest)
      throws IOException {
    try {
      upload.append(exchange.body());
      upload.commit(digest);
    } finally {
      if (upload.isOpen()) {
        upload.cancel();
      }
    }
    created(exchange, repository, digest);
  }

  private static void created(Exchange exchange, RepositoryName repository, ContentDigest digest)
      throws IOException {
    exchange
        .field("Location", "/v2/" + repository + "/blobs/" + digest)
        .field("Docker-Content-Digest", digest.toString())
        .reply(201);
  }

  /// The answer says where the upload goes on and how far it is.
  private static Exchange where(Exchange exchange, RepositoryName repository, Upload upload)
      throws IOException {
    return exchange
        .field("Location", location(repository, upload))
        .field("Range", range(upload))
        .field("Docker-Upload-UUID", upload.id());
  }

  private static String location(RepositoryName repository, Upload upload) {
    return "/v2/" + repository + "/blobs/uploads/" + upload.id();
  }

  /// The specification has no way to say that nothing is there; `0-0` is what others say.
  private static String range(Upload upload) throws IOException {
    return "0-" + Math.max(0, upload.size() - 1);
  }

  /// What a request does with an upload that nobody else works on.
  private interface Step {
    void with(Upload upload) throws IOException;
  }

  private void with(RepositoryName repository, String id, Step step) throws IOException {
    var upload = content.upload(repository, id).orElseThrow(UploadEndpoint::unknown);
    upload.enter();
    try {
      if (!upload.isOpen()) {
        throw unknown();
      }
      step.with(upload);
    } finally {
      upload.leave();
    }
  }

  private static Refusal unknown() {
    return Refusal.notFound(
        ErrorCode.BLOB_UPLOAD_UNKNOWN, "there is no such upload; it may have been too old");
  }

  /// GET: how far it is.
  void status(Exchange exchange, RepositoryName repository, String id) throws IOException {
    with(repository, id, upload -> where(exchange, repository, upload).reply(204));
  }

  /// PATCH: more bytes.
  void append(Exchange exchange, RepositoryName repository, String id) throws IOException {
    with(
        repository,
        id,
        upload -> {
          takeChunk(exchange, repository, upload);
          where(exchange, repository, upload).reply(202);
        });
  }

  /// PUT: perhaps the last bytes, and the digest of all.
  void finish(Exchange exchange, RepositoryName repository, String id) throws IOException {
    var digest =
        exchange
            .target()
            .parameter("digest")
            .map(ContentDigest::parse)
            .orElseThrow(
                () -> Refusal.bad(ErrorCode.DIGEST_INVALID, "the parameter digest is missing"));
    with(
        repository,
        id,
        upload -> {
          takeChunk(exchange, repository, upload);
          upload.commit(digest);
          created(exchange, repository, digest);
        });
  }

  private static void takeChunk(Exchange exchange, RepositoryName repository, Upload upload)
      throws IOException {
    var field = exchange.headers().first("Content-Range");
    if (field.isPresent()) {
      var range = ByteRange.ofChunk(field.get());
      var declared = exchange.declaredLength();
      boolean empty = declared.filter(length -> length == 0).isPresent();
      if (declared.isPresent() && !empty && declared.get() != range.length()) {
        throw Refusal.bad(
            ErrorCode.SIZE_INVALID,
            "Content-Range is of " + range.length() + " bytes, Content-Length " + declared.get());
      }
      if (!empty && range.first() != upload.size()) {
        throw Refusal.of(
                416,
                ErrorCode.BLOB_UPLOAD_INVALID,
                "the next chunk begins at " + upload.size() + ", not at " + range.first())
            .with("Location", location(repository, upload))
            .with("Range", range(upload))
            .with("Docker-Upload-UUID", upload.id());
      }
    }
    append(exchange, upload);
  }

  /// If it is not the client that fails, the bytes are given up: they may be what fills the disk.
  private static void append(Exchange exchange, Upload upload) throws IOException {
    try {
      upload.append(exchange.body());
    } catch (ClientGoneException e) {
      throw e;
    } catch (IOException | BuildFailure e) {
      upload.cancel();
      throw e;
    }
  }

  /// DELETE: forgets it.
  void cancel(Exchange exchange, RepositoryName repository, String id) throws IOException {
    with(
        repository,
        id,
        upload -> {
          upload.cancel();
          exchange.reply(204);
        });
  }
}
