package dev.jbuild.serve;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/// The head of an HTTP/1.1 request (RFC 9112), read strictly: what two programs could read in two
/// ways is refused (request smuggling).
///
/// @param target as it was sent, without scheme and host
/// @param version 1.0 or 1.1
/// @param length of the body; none if it is chunked
record RequestHead(
    String method, String target, String version, HttpHeaders headers, OptionalLong length) {

  static final String VERSION_11 = "HTTP/1.1";

  private static final String VERSION_10 = "HTTP/1.0";
  private static final int LONGEST_LINE = 16 << 10;
  private static final int LONGEST = 64 << 10;
  private static final int MOST_FIELDS = 200;
  private static final int MOST_LENGTH_DIGITS = 18;

  /// Reads a head.
  ///
  /// @return nothing if the stream ends before a request begins
  /// @throws Refusal if it is none that can be answered; the connection is of no more use
  static Optional<RequestHead> read(InputStream in) throws IOException {
    var lines = new Lines(in);
    var first = lines.next();
    if (first.isPresent() && first.get().isEmpty()) {
      first = lines.next(); // RFC 9112, 2.2: one empty line may come before
    }
    if (first.isEmpty()) {
      return Optional.empty();
    }
    var words = first.get().split(" ", -1);
    if (words.length != 3 || !isToken(words[0])) {
      throw bad("the request line is not METHOD TARGET VERSION");
    }
    if (!words[2].equals(VERSION_11) && !words[2].equals(VERSION_10)) {
      throw Refusal.of(505, ErrorCode.UNSUPPORTED, "this registry speaks HTTP/1.1");
    }
    var headers = new HttpHeaders();
    while (true) {
      var line = lines.next().orElseThrow(() -> bad("the request ends in its head"));
      if (line.isEmpty()) {
        break;
      }
      addField(headers, line);
    }
    if (words[2].equals(VERSION_11) && headers.all("Host").size() != 1) {
      throw bad("a request has one Host");
    }
    return Optional.of(
        new RequestHead(words[0], path(words[1]), words[2], headers, length(headers, words[2])));
  }

  private static void addField(HttpHeaders headers, String line) {
    int colon = line.indexOf(':');
    if (colon <= 0 || !isToken(line.substring(0, colon))) {
      throw bad("a header line has no name");
    }
    if (headers.size() == MOST_FIELDS) {
      throw tooLarge();
    }
    var value = line.substring(colon + 1).strip();
    if (value.chars().anyMatch(c -> (c < 0x20 && c != '\t') || c == 0x7F)) {
      throw bad("a header holds a control character");
    }
    headers.add(line.substring(0, colon), value);
  }

  private static OptionalLong length(HttpHeaders headers, String version) {
    var coding = headers.all("Transfer-Encoding");
    var lengths = headers.all("Content-Length");
    if (!coding.isEmpty()) {
      if (!lengths.isEmpty() || version.equals(VERSION_10)) {
        throw bad("Transfer-Encoding together with Content-Length or in HTTP/1.0");
      }
      if (coding.size() != 1 || !coding.getFirst().equalsIgnoreCase("chunked")) {
        throw Refusal.of(501, ErrorCode.UNSUPPORTED, "the only Transfer-Encoding is chunked");
      }
      return OptionalLong.empty();
    }
    if (lengths.isEmpty()) {
      return OptionalLong.of(0);
    }
    var text = lengths.getFirst();
    boolean digits = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    if (lengths.size() > 1 || !digits || text.length() > MOST_LENGTH_DIGITS) {
      throw bad("Content-Length is not one number");
    }
    return OptionalLong.of(Long.parseLong(text));
  }

  /// What a target in absolute form has behind its host.
  private static String path(String target) {
    if (target.startsWith("/")) {
      return target;
    }
    int scheme = target.indexOf("://");
    if (scheme < 0) {
      throw bad("the target is not a path");
    }
    int slash = target.indexOf('/', scheme + 3);
    return slash < 0 ? "/" : target.substring(slash);
  }

  private static boolean isToken(String text) {
    return !text.isEmpty()
        && text.chars()
            .allMatch(
                c ->
                    (c >= '0' && c <= '9')
                        || (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
  }

  private static Refusal bad(String message) {
    return Refusal.bad(ErrorCode.UNSUPPORTED, message);
  }

  private static Refusal tooLarge() {
    return Refusal.of(431, ErrorCode.UNSUPPORTED, "the head of the request is too large");
  }

  /// The lines of a head, each ended by CR LF.
  private static final class Lines {

    private final InputStream in;
    private int total;

    Lines(InputStream in) {
      this.in = in;
    }

    Optional<String> next() throws IOException {
      var line = new StringBuilder();
      while (true) {
        int c = in.read();
        if (c < 0) {
          if (!line.isEmpty()) {
            throw bad("the request ends in its head");
          }
          return Optional.empty();
        }
        if (c == '\r') {
          if (in.read() != '\n') {
            throw bad("a line of the head ends with CR alone");
          }
          return Optional.of(utf8(line));
        }
        if (c == '\n') {
          throw bad("a line of the head ends with LF alone");
        }
        line.append((char) c);
        total++;
        if (line.length() > LONGEST_LINE || total > LONGEST) {
          throw tooLarge();
        }
      }
    }

    private static String utf8(StringBuilder line) {
      return new String(
          line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
  }
}
