package dev.jbuild.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// One request and its answer. An answer is begun once; what is written to its stream must be as
/// long as was said.
final class Exchange {

  /// More than this of an unread body is not read for the sake of the next request.
  private static final int DRAINED = 256 << 10;

  /// More than this is not read so that a sender comes to read the answer.
  private static final long LINGERED = 64L << 20;

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

  private final RequestHead head;
  private final RequestBody body;
  private final OutputStream out;
  private final boolean secure;
  private final List<String> fields = new ArrayList<>();
  private final Target target;
  private boolean continued;
  private boolean keepAlive;
  private int status;
  private long written;
  private long promised;

  /// @param secure whether it came over TLS
  Exchange(RequestHead head, InputStream in, OutputStream out, boolean secure) {
    this.head = head;
    this.out = out;
    this.secure = secure;
    this.target = Target.parse(head.target());
    this.body =
        head.length().isPresent()
            ? new FixedBody(in, head.length().getAsLong())
            : new ChunkedBody(in);
    this.keepAlive =
        head.version().equals(RequestHead.VERSION_11)
            && !head.headers().lists("Connection", "close");
  }

  String method() {
    return head.method();
  }

  boolean isHead() {
    return head.method().equals("HEAD");
  }

  Target target() {
    return target;
  }

  HttpHeaders headers() {
    return head.headers();
  }

  /// `https://localhost:5000`, as the client called it.
  String origin() {
    return (secure ? "https://" : "http://") + host();
  }

  /// The host and port that the client spoke to, as it says.
  String host() {
    return head.headers().first("Host").orElse("localhost");
  }

  /// What the request brings. The first call lets a client go on that waits to be told.
  InputStream body() throws IOException {
    if (!continued && head.headers().lists("Expect", "100-continue")) {
      out.write(
          (RequestHead.VERSION_11 + " 100 Continue\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
    continued = true;
    return body;
  }

  /// How many bytes the body has, if that was said.
  Optional<Long> declaredLength() {
    return head.length().isPresent() ? Optional.of(head.length().getAsLong()) : Optional.empty();
  }

  /// A header field of the answer. The value is ours, or was checked against a grammar.
  Exchange field(String name, String value) {
    if (value.chars().anyMatch(c -> c < 0x20 || c >= 0x7F)) {
      throw new IllegalArgumentException("not a value for " + name);
    }
    fields.add(name + ": " + value);
    return this;
  }

  /// Answers without a body.
  void reply(int code) throws IOException {
    begin(code, 0);
  }

  void reply(int code, String contentType, byte[] content) throws IOException {
    field("Content-Type", contentType);
    begin(code, content.length).write(content);
  }

  /// Begins an answer with a body of `length` bytes; to a HEAD none of them is sent.
  OutputStream begin(int code, long length) throws IOException {
    if (status != 0) {
      throw new IllegalStateException("answered twice");
    }
    status = code;
    keepAlive &= mayKeepAlive();
    var text = new StringBuilder(RequestHead.VERSION_11).append(' ').append(code).append(' ');
    text.append(reason(code)).append("\r\n");
    text.append("Date: ").append(DATE.format(ZonedDateTime.now(ZoneOffset.UTC))).append("\r\n");
    text.append("Docker-Distribution-Api-Version: registry/2.0\r\n");
    text.append("X-Content-Type-Options: nosniff\r\n");
    if (code != 204) {
      text.append("Content-Length: ").append(length).append("\r\n");
    }
    if (!keepAlive) {
      text.append("Connection: close\r\n");
    }
    fields.forEach(field -> text.append(field).append("\r\n"));
    out.write(text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
    promised = isHead() ? 0 : length;
    return new Answer();
  }

  /// A client that waits for leave to send its body gets none and sends nothing.
  private boolean mayKeepAlive() {
    if (body.isConsumed()) {
      return true;
    }
    boolean waits = !continued && head.headers().lists("Expect", "100-continue");
    return !waits && head.length().orElse(Long.MAX_VALUE) <= DRAINED;
  }

  /// Whether an answer was begun.
  boolean isAnswered() {
    return status != 0;
  }

  int status() {
    return status;
  }

  /// How many bytes of a body were sent.
  long written() {
    return written;
  }

  /// Sends what is left to be sent. A body that nobody has read is taken off the line: a sender
  /// would not see the answer before he has sent it.
  ///
  /// @return whether the connection is good for another request
  boolean finish() throws IOException {
    out.flush();
    if (status == 0 || written != promised) {
      return false;
    }
    boolean waits = !continued && head.headers().lists("Expect", "100-continue");
    if (!body.isConsumed() && !waits) {
      discard(keepAlive ? DRAINED : LINGERED);
    }
    return keepAlive && body.isConsumed();
  }

  private void discard(long most) throws IOException {
    var buffer = new byte[8192];
    long left = most;
    try {
      while (left > 0) {
        int count = body.read(buffer, 0, buffer.length);
        if (count < 0) {
          return;
        }
        left -= count;
      }
    } catch (Refusal e) {
      keepAlive = false; // where the next request begins is not known
    }
  }

  private final class Answer extends OutputStream {

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      if (isHead()) {
        return;
      }
      if (written + length > promised) {
        throw new IllegalStateException("more bytes than were said");
      }
      out.write(from, offset, length);
      written += length;
    }
  }

  static String reason(int code) {
    return switch (code) {
      case 200 -> "OK";
      case 201 -> "Created";
      case 202 -> "Accepted";
      case 204 -> "No Content";
      case 206 -> "Partial Content";
      case 301 -> "Moved Permanently";
      case 304 -> "Not Modified";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 413 -> "Content Too Large";
      case 414 -> "URI Too Long";
      case 416 -> "Range Not Satisfiable";
      case 429 -> "Too Many Requests";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 503 -> "Service Unavailable";
      case 505 -> "HTTP Version Not Supported";
      case 507 -> "Insufficient Storage";
      default -> "Status";
    };
  }
}
