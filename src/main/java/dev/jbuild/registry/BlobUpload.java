package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.http.PassingException;
import dev.jbuild.http.Retry;
import dev.jbuild.http.WebAnswer;
import dev.jbuild.http.WebBody;
import dev.jbuild.image.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The way of one blob into a repository: an upload session (distribution-spec, pushing blobs),
/// continued after a cut where the registry says it is. For one thread.
final class BlobUpload {

  private static final long STEP = 256 << 10;
  private static final int MOST_ATTEMPTS = 20;

  /// Answers of registries that take no body without a length.
  private static final Set<Integer> LENGTH_WANTED = Set.of(400, 405, 411, 501);

  /// Where the bytes come from.
  interface Source {
    /// How many there are; -1 if that is not known yet.
    long size();

    /// Those from `offset` on.
    InputStream open(long offset) throws IOException;

    /// Their digest; waits until it is known.
    Digest digest() throws IOException, InterruptedException;
  }

  private final Repository repository;
  private final Scope scope;
  private final Source source;
  private final TransferEvent.Transfer transfer;
  private final Transfers listener;
  private @Nullable String session;
  private long sent;

  BlobUpload(
      Repository repository,
      Scope scope,
      Source source,
      TransferEvent.Transfer transfer,
      Transfers listener) {
    this.repository = repository;
    this.scope = scope;
    this.source = source;
    this.transfer = transfer;
    this.listener = listener;
  }

  /// Goes on with a session that the registry has begun and that has got nothing yet, if there is
  /// one.
  BlobUpload in(Optional<String> begun) {
    session = begun.orElse(null);
    return this;
  }

  /// The session that the registry has begun, if it has.
  Optional<String> begun() {
    return Optional.ofNullable(session);
  }

  /// Asks the registry to take the blob from another of its repositories.
  ///
  /// @return whether it did; if not, it has begun a session, which [#run] goes on with in the place
  ///     of one that was begun before
  /// @throws PassingException if the registry is in no state to mount; asked once only, since the
  ///     bytes can be sent instead
  boolean mount(Digest digest, String from) throws IOException, InterruptedException {
    var query = "?mount=" + digest + "&from=" + URLEncoder.encode(from, StandardCharsets.UTF_8);
    var call = Call.of("POST", repository.at("blobs/uploads/") + query, scope.withPull(from));
    try (var answer = repository.host().attempt(call.with(WebBody.of(new byte[0])))) {
      if (answer.status() >= 500) {
        throw new PassingException("the registry answers " + answer.status(), Optional.empty());
      }
      if (answer.status() == 201) {
        replace(null);
        return true;
      }
      if (answer.status() == 202) {
        replace(location(call, answer));
      }
      return false; // a registry that cannot mount may say so in any way
    } catch (BuildFailure e) {
      return false; // the other repository may not be ours to read
    }
  }

  /// Nobody will go on with the session that was there, and a registry would keep it for days.
  private void replace(@Nullable String by) throws InterruptedException {
    var unused = session;
    session = by;
    if (unused == null || unused.equals(by)) {
      return;
    }
    var call = Call.of("DELETE", unused, Scope.delete(repository.path()));
    try (var _ = repository.host().attempt(call)) {
      // whatever the answer is
    } catch (IOException | BuildFailure e) {
      return; // it goes by itself in the end
    }
  }

  /// Sends the bytes.
  ///
  /// @throws BuildFailure REGISTRY if the registry does not take them
  void run() throws IOException, InterruptedException {
    int failures = 0;
    for (int attempts = 1; ; attempts++) {
      long before = sent;
      try {
        attempt();
        return;
      } catch (PassingException e) {
        failures = sent > before ? 0 : failures + 1;
        if (failures == Retry.mostAttempts() || attempts == MOST_ATTEMPTS) {
          throw Failures.of(repository + ": " + transfer + " cannot be sent: " + e.getMessage(), e);
        }
        repository.host().retry().pause(failures, e);
        resume();
      }
    }
  }

  private void attempt() throws IOException, InterruptedException {
    if (session == null) {
      begin();
    }
    if (sent == 0 && source.size() >= 0) {
      finish(Optional.of(new Rest(0)));
      return;
    }
    if (sent < source.size() || source.size() < 0) {
      patch();
    }
    finish(Optional.empty());
  }

  private void begin() throws IOException, InterruptedException {
    var call =
        Call.of("POST", repository.at("blobs/uploads/"), scope).with(WebBody.of(new byte[0]));
    var answer = repository.host().attempt(call);
    if (answer.status() != 202) {
      throw repository.host().unexpected(call, answer);
    }
    try (answer) {
      session = location(call, answer);
      sent = 0;
    }
  }

  /// Sends the rest in one piece, in chunks of HTTP if its length is not known.
  private void patch() throws IOException, InterruptedException {
    var call =
        Call.of("PATCH", session(), scope)
            .with("Content-Type", "application/octet-stream")
            .with(new Rest(sent));
    if (source.size() >= 0) {
      call = call.with("Content-Range", sent + "-" + (source.size() - 1));
    }
    var answer = repository.host().attempt(call);
    if (answer.status() == 202 || answer.status() == 204) {
      try (answer) {
        session = location(call, answer);
        return;
      }
    }
    if (source.size() < 0 && LENGTH_WANTED.contains(answer.status())) {
      answer.close();
      var _ = source.digest(); // then the length is known, too
      session = null;
      throw new PassingException("the registry wants to know the length", Optional.empty());
    }
    if (answer.status() == 416 || answer.status() == 404) {
      try (answer) {
        throw new PassingException("the registry is somewhere else", Optional.empty());
      }
    }
    throw repository.host().unexpected(call, answer);
  }

  private void finish(Optional<WebBody> body) throws IOException, InterruptedException {
    var digest = source.digest();
    var place = session();
    var call =
        Call.of("PUT", place + (place.indexOf('?') < 0 ? "?" : "&") + "digest=" + digest, scope)
            .with("Content-Type", "application/octet-stream")
            .with(body.orElse(WebBody.of(new byte[0])));
    var answer = repository.host().attempt(call);
    if (answer.status() == 404 || answer.status() == 416) {
      try (answer) {
        throw new PassingException("the registry has lost the upload", Optional.empty());
      }
    }
    if (answer.status() != 201 && answer.status() != 204) {
      throw repository.host().unexpected(call, answer);
    }
    try (answer) {
      var claimed = answer.header("Docker-Content-Digest").flatMap(Repository::digest);
      if (claimed.isPresent() && !claimed.get().equals(digest)) {
        throw Failures.of(repository + " has stored " + claimed.get() + " for " + digest);
      }
    }
  }

  /// Asks how far the registry has come; a session that is gone is begun anew.
  private void resume() throws IOException, InterruptedException {
    if (session == null) {
      sent = 0;
      return;
    }
    var call = Call.get(session(), scope);
    try (var answer = repository.host().exchange(call)) {
      if (answer.status() != 204 && answer.status() != 200) {
        session = null;
        sent = 0;
        return;
      }
      session = answer.header("Location").isPresent() ? location(call, answer) : session;
      sent = received(answer);
    }
  }

  /// `0-99` means that a hundred bytes are there. A registry that has none cannot say so in this
  /// form, and says `0-0` as if it had one: then all is sent anew.
  private long received(WebAnswer answer) {
    var range = answer.header("Range").orElse("").replaceFirst("^bytes=", "");
    if (!range.matches("0-[0-9]{1,18}") || range.equals("0-0")) {
      session = null;
      return 0;
    }
    return Long.parseLong(range.substring(2)) + 1;
  }

  private String session() {
    var known = session;
    if (known == null) {
      throw new IllegalStateException("no upload was begun");
    }
    return known;
  }

  /// Where the session goes on: relative to what was asked, and never where credentials must not
  /// go (reliability case 52; [RegistryHost] sends them to the registry's own address only).
  private String location(Call call, WebAnswer answer) throws IOException, InterruptedException {
    var given = answer.header("Location");
    if (given.isEmpty()) {
      throw Failures.of(repository + ": " + call.method() + " is answered without a Location");
    }
    return repository.host().uploadPlace(answer.address(), given.get()).toString();
  }

  /// The bytes from an offset on, counted.
  private final class Rest implements WebBody {
    private final long offset;

    Rest(long offset) {
      this.offset = offset;
    }

    @Override
    public long length() {
      return source.size() < 0 ? -1 : source.size() - offset;
    }

    @Override
    public InputStream open() throws IOException {
      sent = offset;
      return new FilterInputStream(source.open(offset)) {
        private long told = offset;
        private long at = offset;

        @Override
        public int read() throws IOException {
          var one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
          int n = in.read(into, from, length);
          at += Math.max(0, n);
          sent = at;
          if (at - told >= STEP) {
            told = at;
            listener.on(new TransferEvent.Moved(transfer, at));
          }
          return n;
        }
      };
    }
  }
}
