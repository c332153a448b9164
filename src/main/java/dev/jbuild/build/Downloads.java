package dev.jbuild.build;

import dev.jbuild.context.SourceTree;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.http.FetchRequest;
import dev.jbuild.http.Fetched;
import dev.jbuild.http.Fetcher;
import dev.jbuild.http.Sink;
import dev.jbuild.http.WebAddress;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.store.BlobWriter;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Files that ADD fetches by http and https (dockerfile-rules.md 6.6).
///
/// Each build asks the server again, with what it said of the file the last time, so that an
/// unchanged one is not sent twice. What counts in the cache key is the content.
public final class Downloads implements AutoCloseable {

  /// A longer file is refused (reliability case 82: a body without end).
  private static final long LONGEST = 64L << 30;

  private final Store store;
  private final Map<String, String> environment;
  private final ServerSecrets secrets;
  private @Nullable Fetcher fetcher;
  private volatile boolean asked;

  /// @param environment where proxies are named
  public Downloads(Store store, Map<String, String> environment, ServerSecrets secrets) {
    this.store = store;
    this.environment = environment;
    this.secrets = secrets;
  }

  /// What is known of a file since it was fetched.
  private record Known(
      Digest digest, long size, long mtime, Optional<String> etag, Optional<String> lastModified) {

    byte[] toJson() {
      var json = new LinkedHashMap<String, Object>();
      json.put("digest", digest.toString());
      json.put("size", size);
      json.put("mtime", mtime);
      etag.ifPresent(text -> json.put("etag", text));
      lastModified.ifPresent(text -> json.put("lastModified", text));
      json.put("blobs", List.of(digest.toString()));
      return Json.write(json);
    }

    static Optional<Known> parse(byte[] bytes) {
      try {
        if (Json.parse(bytes, "a download record") instanceof Map<?, ?> json
            && json.get("digest") instanceof String digest
            && json.get("size") instanceof Long size
            && json.get("mtime") instanceof Long mtime) {
          return Optional.of(
              new Known(
                  Digest.parse(digest),
                  size,
                  mtime,
                  text(json, "etag"),
                  text(json, "lastModified")));
        }
      } catch (ImageFormatException | IllegalArgumentException e) {
        return Optional.empty(); // fetched again
      }
      return Optional.empty();
    }

    private static Optional<String> text(Map<?, ?> json, String name) {
      return json.get(name) instanceof String text ? Optional.of(text) : Optional.empty();
    }
  }

  /// Whether a server was asked for anything.
  boolean wereAsked() {
    return asked;
  }

  /// Fetches `url`, or finds that it is unchanged.
  ///
  /// @param name what the file is called
  /// @param checksum `sha256:…` that its content must have
  /// @return a tree of one file: mode 0600, of root, as old as the server says, else 1970-01-01
  public SourceTree fetch(String url, String name, Optional<String> checksum)
      throws IOException, InterruptedException {
    return fetch(url, name, checksum, _ -> {});
  }

  /// The same.
  ///
  /// @param moved told how many bytes have come so far
  SourceTree fetch(String url, String name, Optional<String> checksum, LongConsumer moved)
      throws IOException, InterruptedException {
    asked = true;
    var address = WebAddress.parse(url);
    var key = Digest.of(("download\0" + url).getBytes(StandardCharsets.UTF_8));
    var known = known(key);
    var now = get(address, known, checksum, moved);
    check(address, now.digest, checksum);
    store.records().put(key, key, now.toJson());
    return new DownloadedFile(store, name, now.digest, now.size, now.mtime);
  }

  private static void check(URI address, Digest digest, Optional<String> checksum) {
    if (checksum.isPresent() && !checksum.get().equals(digest.toString())) {
      throw BuildFailure.of(
              BuildFailure.Kind.CONTEXT,
              WebAddress.redacted(address)
                  + " has the checksum "
                  + digest
                  + ", not "
                  + Printable.of(checksum.get()))
          .hint("if the file was meant to change, give its new checksum");
    }
  }

  private Optional<Known> known(Digest key) throws IOException {
    var bytes = store.records().find(key);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    var known = Known.parse(bytes.get());
    return known.isPresent() && store.lease().keep(known.get().digest) ? known : Optional.empty();
  }

  private Known get(
      URI address, Optional<Known> known, Optional<String> checksum, LongConsumer moved)
      throws IOException, InterruptedException {
    var request =
        new FetchRequest(
            address,
            known.flatMap(Known::etag),
            known.flatMap(Known::lastModified),
            secrets.forFile(server(address)),
            LONGEST);
    try (var sink = new BlobSink(store, checksum.isPresent(), moved)) {
      var fetched = fetcher().get(request, sink);
      if (fetched.isUnmodified() && known.isPresent()) {
        return known.get();
      }
      if (checksum.isPresent()) {
        check(address, sink.digest(), checksum); // before anybody sees it (case 82)
      }
      return new Known(
          sink.commit(), fetched.bytes(), mtime(fetched), fetched.etag(), fetched.lastModified());
    }
  }

  private static String server(URI address) {
    return address.getPort() < 0 ? address.getHost() : address.getHost() + ":" + address.getPort();
  }

  private static long mtime(Fetched fetched) {
    if (fetched.lastModified().isEmpty()) {
      return 0;
    }
    try {
      var text = fetched.lastModified().get();
      long said = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toEpochSecond();
      // A server whose clock is wrong, or that lies, dates no file into the future (case 82).
      return Math.clamp(said, 0, System.currentTimeMillis() / 1000);
    } catch (DateTimeException e) {
      return 0;
    }
  }

  /// A body becomes a blob.
  private static final class BlobSink implements Sink, AutoCloseable {
    private final Store store;
    private final MessageDigest hash = Digest.sha256();
    private final boolean hashes;
    private final LongConsumer moved;
    private @Nullable BlobWriter blob;

    /// @param hashes whether [#digest] will be asked before the blob is there
    /// @param moved told how many bytes there are
    BlobSink(Store store, boolean hashes, LongConsumer moved) {
      this.store = store;
      this.hashes = hashes;
      this.moved = moved;
    }

    @Override
    public void begin() throws IOException {
      close();
      hash.reset();
      blob = store.blobs().create();
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      var chunk = new byte[bytes.remaining()];
      bytes.get(chunk);
      open().write(chunk, 0, chunk.length);
      moved.accept(open().position());
      if (hashes) {
        hash.update(chunk);
      }
    }

    private BlobWriter open() throws IOException {
      var current = blob;
      if (current == null) {
        current = store.blobs().create();
        blob = current;
      }
      return current;
    }

    Digest digest() {
      return Digest.ofHash(hash.digest());
    }

    Digest commit() throws IOException {
      return open().commit();
    }

    @Override
    public void close() throws IOException {
      var current = blob;
      if (current != null) {
        current.close();
      }
    }
  }

  /// Most builds fetch nothing.
  private synchronized Fetcher fetcher() {
    var existing = fetcher;
    if (existing == null) {
      existing = new Fetcher(environment);
      fetcher = existing;
    }
    return existing;
  }

  @Override
  public synchronized void close() {
    if (fetcher != null) {
      fetcher.close();
    }
  }
}
