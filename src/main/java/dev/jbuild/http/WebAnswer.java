package dev.jbuild.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a server answers: status and headers, and a body that is still to come. Closing it without
/// reading all of it drops the connection, unless little is left. For one thread.
public final class WebAnswer implements AutoCloseable {

  private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);

  /// What is read of a body that nobody wants, so that its connection can be used again.
  private static final int DRAINED = 64 << 10;

  private final int status;
  private final URI address;
  private final Map<String, List<String>> headers;
  private final Body body;
  private boolean ended;

  /// @param headers by name, in whatever case
  public WebAnswer(int status, URI address, Map<String, List<String>> headers, Body body) {
    this.status = status;
    this.address = address;
    this.headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    this.headers.putAll(headers);
    this.body = body;
  }

  public int status() {
    return status;
  }

  /// Whether the same request may have another answer by and by.
  public boolean isPassing() {
    return PASSING.contains(status());
  }

  /// Where the answer comes from.
  public URI address() {
    return address;
  }

  public Optional<String> header(String name) {
    return headers(name).stream().findFirst();
  }

  public List<String> headers(String name) {
    return headers.getOrDefault(name, List.of());
  }

  /// What Content-Length says.
  public Optional<Long> length() {
    return header("Content-Length").filter(text -> text.matches("[0-9]{1,18}")).map(Long::valueOf);
  }

  /// What Retry-After says, in seconds or as a date.
  public Optional<Duration> retryAfter() {
    var value = header("Retry-After");
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (value.get().matches("[0-9]{1,18}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value.get())));
    }
    try {
      var until = ZonedDateTime.parse(value.get(), DateTimeFormatter.RFC_1123_DATE_TIME);
      var wait = Duration.between(Clock.systemUTC().instant(), until.toInstant());
      return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /// The next pieces of the body, good until the call after; null at its end.
  ///
  /// @throws PassingException if the connection breaks, or nothing comes for too long
  public @Nullable List<ByteBuffer> next() throws PassingException, InterruptedException {
    try {
      var pieces = body.next();
      ended = pieces == null;
      return pieces;
    } catch (IOException e) {
      ended = true;
      throw new PassingException(PassingException.why(e), e);
    }
  }

  /// All of a short body.
  ///
  /// @return at most `most` bytes; what is beyond is not read
  public byte[] read(int most) throws PassingException, InterruptedException {
    var bytes = new ByteArrayOutputStream();
    while (bytes.size() < most) {
      var pieces = next();
      if (pieces == null) {
        break;
      }
      for (var piece : pieces) {
        var copy = new byte[Math.min(piece.remaining(), most - bytes.size())];
        piece.get(copy);
        bytes.writeBytes(copy);
      }
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    try {
      if (!ended && length().orElse(Long.MAX_VALUE) <= DRAINED) {
        read(DRAINED + 1);
      }
    } catch (PassingException e) {
      ended = true; // the connection is gone
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    body.close();
  }
}
