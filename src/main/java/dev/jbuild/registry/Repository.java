package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.http.PassingException;
import dev.jbuild.http.WebAnswer;
import dev.jbuild.http.WebBody;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Index;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import dev.jbuild.image.MediaType;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// A repository of a registry: its manifests and blobs (distribution-spec 1.1).
final class Repository {

  private static final int FORBIDDEN = 403;

  /// More bytes of referrers of one manifest are not read.
  private static final long MOST_REFERRERS = 64 << 20;

  /// Nor more of them, each of which is fetched when an image is copied.
  private static final int MOST_LISTED = 10_000;

  private static final int MOST_PAGES = 1000;

  /// What a manifest may be. Docker's schema 1 is asked for so that it can be refused by its name.
  private static final String ACCEPT =
      String.join(
          ", ",
          MediaType.OCI_INDEX.name(),
          MediaType.OCI_MANIFEST.name(),
          MediaType.DOCKER_INDEX.name(),
          MediaType.DOCKER_MANIFEST.name(),
          "application/vnd.docker.distribution.manifest.v1+prettyjws;q=0.1");

  private static final String SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+";

  /// Types that say nothing: the document's own member counts.
  private static final Set<String> SAYS_NOTHING =
      Set.of("", "application/json", "text/plain", "application/octet-stream");

  private final RegistryHost host;
  private final String path;

  Repository(RegistryHost host, String path) {
    this.host = host;
    this.path = path;
  }

  RegistryHost host() {
    return host;
  }

  /// Its name in the registry, `library/app`.
  String path() {
    return path;
  }

  String at(String rest) {
    return "v2/" + path + "/" + rest;
  }

  Scope pull() {
    return Scope.pull(path);
  }

  /// The manifest or index under a tag or digest.
  ///
  /// @param wanted what must be there; empty if a tag is asked for
  /// @return empty if the registry has none
  /// @throws BuildFailure REGISTRY if it is of a kind that is not known, or not what was wanted
  Optional<Document> manifest(String tagOrDigest, Optional<Digest> wanted)
      throws IOException, InterruptedException {
    var call = Call.get(at("manifests/" + tagOrDigest), pull()).with("Accept", ACCEPT);
    try {
      return host.retry().run(() -> manifest(call, wanted));
    } catch (PassingException e) {
      throw host.failure(e);
    }
  }

  private Optional<Document> manifest(Call call, Optional<Digest> wanted)
      throws IOException, InterruptedException {
    try (var answer = host.attempt(call)) {
      if (answer.status() == 404) {
        return Optional.empty();
      }
      if (answer.status() != 200) {
        throw host.unexpected(call, answer);
      }
      var bytes = answer.read(Json.DOCUMENT_LIMIT + 1);
      if (bytes.length > Json.DOCUMENT_LIMIT) {
        throw Failures.of(
            what(call) + " is larger than " + Json.DOCUMENT_LIMIT + " bytes, which no manifest is");
      }
      if (answer.length().orElse((long) bytes.length) != bytes.length) {
        throw new PassingException("the manifest breaks off", Optional.empty());
      }
      var digest = Digest.of(bytes);
      if (wanted.isPresent() && !wanted.get().equals(digest)) {
        throw Failures.of(
            what(call) + " is another than its digest says: " + digest + " on " + host.name());
      }
      return Optional.of(
          new Document(new Descriptor(type(call, answer, bytes), digest, bytes.length), bytes));
    }
  }

  private String what(Call call) {
    return host.name() + "/" + call.place().substring("v2/".length());
  }

  private MediaType type(Call call, WebAnswer answer, byte[] bytes) {
    var given = answer.header("Content-Type").orElse("");
    int end = given.indexOf(';');
    var name = (end < 0 ? given : given.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    if (SAYS_NOTHING.contains(name)) {
      name = declared(call, bytes);
    }
    if (name.startsWith(SCHEMA_1)) {
      throw Failures.of(what(call) + " is in Docker's schema 1, which is not supported")
          .hint("push the image again with a tool of this decade, or ask for a newer tag");
    }
    MediaType type;
    try {
      type = new MediaType(name);
    } catch (IllegalArgumentException e) {
      throw Failures.of(what(call) + " has no media type");
    }
    if (!type.isIndex() && !type.isManifest()) {
      throw Failures.of(what(call) + " is no image but " + type);
    }
    return type;
  }

  private String declared(Call call, byte[] bytes) {
    try {
      var json = JsonObject.parse(bytes, "it");
      if (json.number("schemaVersion").orElse(2) == 1) {
        return SCHEMA_1 + "json";
      }
      return json.string("mediaType").orElse("");
    } catch (ImageFormatException e) {
      throw Failures.of(what(call) + " is no manifest: " + e.getMessage());
    }
  }

  /// The digest that the registry gives for a tag, without the document. It is the registry's word:
  /// good to see that nothing changed, never to verify anything.
  Optional<Digest> claimedDigest(String tagOrDigest) throws IOException, InterruptedException {
    var call = Call.of("HEAD", at("manifests/" + tagOrDigest), pull()).with("Accept", ACCEPT);
    try (var answer = host.exchange(call)) {
      if (answer.status() != 200) {
        return Optional.empty();
      }
      return answer.header("Docker-Content-Digest").flatMap(Repository::digest);
    }
  }

  static Optional<Digest> digest(String text) {
    try {
      return Optional.of(Digest.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// Whether the repository has a blob, as far as the registry says.
  boolean hasBlob(Digest digest, Scope scope) throws IOException, InterruptedException {
    try (var answer = host.exchange(Call.of("HEAD", at("blobs/" + digest), scope))) {
      return answer.status() == 200;
    }
  }

  /// Asks for what need not be there, as one who wants to push: nothing is sent.
  ///
  /// @throws BuildFailure REGISTRY if the registry does not answer, or takes no push of ours
  void checkPush() throws IOException, InterruptedException {
    var call = Call.of("HEAD", at("blobs/" + Digest.of(new byte[0])), Scope.push(path));
    try (var answer = host.exchange(call)) {
      if (answer.status() == FORBIDDEN) {
        throw host.unexpected(call, answer);
      }
    }
  }

  /// A request for a blob from a byte on.
  ///
  /// @return an answer 200, 206 or 416
  /// @throws BuildFailure REGISTRY if it is not there
  WebAnswer blob(Descriptor blob, long offset) throws IOException, InterruptedException {
    var call = Call.get(at("blobs/" + blob.digest()), pull());
    if (offset > 0) {
      call = call.with("Range", "bytes=" + offset + "-");
    }
    var answer = host.attempt(call);
    if (List.of(200, 206, 416).contains(answer.status())) {
      return answer;
    }
    if (answer.status() == 404) {
      answer.close();
      throw Failures.of(this + " has no blob " + blob.digest());
    }
    throw host.unexpected(call, answer);
  }

  /// Stores a document under a tag or its digest.
  ///
  /// @throws BuildFailure REGISTRY if the registry does not take it, or says that it is another
  void put(Document document, String tagOrDigest) throws IOException, InterruptedException {
    var digest = document.descriptor().digest();
    var call =
        Call.of("PUT", at("manifests/" + tagOrDigest), Scope.push(path))
            .with("Content-Type", document.descriptor().mediaType().name())
            .with(WebBody.of(document.bytes()));
    var answer = host.exchange(call);
    if (answer.status() != 201 && answer.status() != 200) {
      throw host.unexpected(call, answer);
    }
    try (answer) {
      var claimed = answer.header("Docker-Content-Digest").flatMap(Repository::digest);
      if (claimed.isPresent() && !claimed.get().equals(digest)) {
        throw Failures.of(this + " has stored " + claimed.get() + " for " + digest);
      }
    }
  }

  /// The tag under which the referrers are listed where a registry does not list them itself.
  static String referrersTag(Digest subject) {
    return "sha256-" + subject.hex();
  }

  /// What of one kind refers to a manifest, as the registry itself lists it; empty if it knows no
  /// such question.
  Optional<List<Descriptor>> listedReferrers(Digest subject, String artifactType)
      throws IOException, InterruptedException {
    var query = "?artifactType=" + URLEncoder.encode(artifactType, StandardCharsets.UTF_8);
    return listed(at("referrers/" + subject + query))
        .map(
            all ->
                all.stream() // a registry need not know the filter
                    .filter(each -> artifactType.equals(each.artifactType()))
                    .toList());
  }

  /// All pages of a list of referrers; empty if the registry knows no such question.
  private Optional<List<Descriptor>> listed(String first) throws IOException, InterruptedException {
    var found = new ArrayList<Descriptor>();
    var next = Optional.of(first);
    long read = 0;
    for (int pages = 0; next.isPresent(); pages++) {
      var call = Call.get(next.get(), pull());
      var answer = host.exchange(call);
      if (answer.status() != 200 && pages > 0) { // what is on it would be lost without a word
        throw host.unexpected(call, answer);
      }
      try (answer) {
        if (answer.status() != 200) {
          return Optional.empty();
        }
        var bytes = answer.read(Json.DOCUMENT_LIMIT);
        read += bytes.length;
        if (read > MOST_REFERRERS || pages > MOST_PAGES) {
          throw Failures.of(this + " lists referrers without end");
        }
        found.addAll(Index.parse(bytes, MediaType.OCI_INDEX).manifests());
        requireFew(found);
        next = RegistryHost.next(call, answer);
      } catch (PassingException | ImageFormatException e) {
        throw Failures.of(this + " gives no list of referrers: " + e.getMessage());
      }
    }
    return Optional.of(found);
  }

  /// Whether the registry answers the question for referrers.
  boolean listsReferrers(Digest subject) throws IOException, InterruptedException {
    try (var answer = host.exchange(Call.get(at("referrers/" + subject), pull()))) {
      return answer.status() == 200;
    }
  }

  /// What refers to a manifest: as the registry lists it, else as the tag says.
  List<Descriptor> referrers(Digest subject) throws IOException, InterruptedException {
    var listed = listed(at("referrers/" + subject));
    if (listed.isPresent()) {
      return listed.get();
    }
    var tagged = manifest(referrersTag(subject), Optional.empty());
    if (tagged.isEmpty() || !tagged.get().descriptor().mediaType().isIndex()) {
      return List.of();
    }
    var index = Index.parse(tagged.get().bytes(), tagged.get().descriptor().mediaType());
    requireFew(index.manifests());
    return index.manifests();
  }

  private void requireFew(List<Descriptor> referrers) {
    if (referrers.size() > MOST_LISTED) {
      throw Failures.of(this + " lists more than " + MOST_LISTED + " referrers of one manifest");
    }
  }

  /// `host/path`, printable.
  @Override
  public String toString() {
    return Printable.of(host.name() + "/" + path);
  }
}
