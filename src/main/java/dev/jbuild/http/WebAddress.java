package dev.jbuild.http;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/// An `http` or `https` address, from text and back to what may be shown.
public final class WebAddress {

  private static final String UNNAMED = "__unnamed__";

  /// What RFC 3986 lets stand in a reference, `%` included.
  private static final String ALLOWED = "-._~:/?#[]@!$&'()*+,;=%";

  private WebAddress() {}

  /// Reads an address as people write it: blanks and other characters that must be escaped in a URI
  /// are escaped.
  ///
  /// @throws BuildFailure CONTEXT if it is no http or https address with a host
  public static URI parse(String text) {
    var escaped = new StringBuilder(text.length());
    for (byte b : Utf8.encode(text)) {
      char c = (char) (b & 0xFF);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || ALLOWED.indexOf(c) >= 0);
      escaped.append(plain ? String.valueOf(c) : "%" + HexFormat.of().toHexDigits((byte) c));
    }
    try {
      var uri = new URI(escaped.toString());
      if (!isWeb(uri)) {
        throw BuildFailure.of(
            BuildFailure.Kind.CONTEXT, redacted(uri) + " is no http or https address");
      }
      return uri;
    } catch (URISyntaxException e) {
      // The text is not shown: a malformed address may hold a password in any place.
      throw BuildFailure.of(BuildFailure.Kind.CONTEXT, "an address is malformed: " + e.getReason());
    }
  }

  /// The address without `user:password@`.
  public static URI withoutUser(URI uri) {
    if (uri.getRawUserInfo() == null) {
      return uri;
    }
    var raw = uri.toString();
    int at = raw.indexOf('@');
    return URI.create(raw.substring(0, raw.indexOf("//") + 2) + raw.substring(at + 1));
  }

  /// Whether it is an http or https address with a host.
  public static boolean isWeb(URI uri) {
    return uri.getHost() != null && (isPlain(uri) || isSecure(uri));
  }

  public static boolean isSecure(URI uri) {
    return "https".equals(scheme(uri));
  }

  private static boolean isPlain(URI uri) {
    return "http".equals(scheme(uri));
  }

  private static String scheme(URI uri) {
    return uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
  }

  public static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : isSecure(uri) ? 443 : 80;
  }

  /// Whether both speak to the same server in the same way.
  public static boolean isSameOrigin(URI a, URI b) {
    return scheme(a).equals(scheme(b))
        && port(a) == port(b)
        && a.getHost() != null
        && a.getHost().equalsIgnoreCase(b.getHost());
  }

  /// The address as it may be shown: without user, password, query and fragment, each of which may
  /// be a secret (CVE-2023-26054).
  public static String redacted(URI uri) {
    var text = new StringBuilder();
    if (uri.getScheme() != null) {
      text.append(uri.getScheme()).append(':');
    }
    if (uri.getHost() != null) {
      text.append("//").append(uri.getHost());
      if (uri.getPort() >= 0) {
        text.append(':').append(uri.getPort());
      }
    } else if (uri.getRawAuthority() != null) {
      text.append("//…");
    }
    text.append(uri.getRawPath() == null ? "…" : uri.getRawPath());
    if (uri.getRawQuery() != null) {
      text.append("?…");
    }
    return Printable.of(text.toString());
  }

  /// The name of the file that `ADD` makes of the address: the last name of the decoded path, or
  /// `__unnamed__`. Never has a slash or a NUL, and is never `.` or `..`, however it was escaped.
  public static String fileName(URI uri) {
    var path = uri.getRawPath() == null ? "" : decoded(uri.getRawPath());
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    var name = path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    boolean usable =
        !name.isEmpty() && !name.equals(".") && !name.equals("..") && name.indexOf('\0') < 0;
    return usable ? name : UNNAMED;
  }

  private static String decoded(String raw) {
    var ascii = raw.getBytes(StandardCharsets.UTF_8);
    var bytes = new ByteArrayOutputStream(ascii.length);
    for (int i = 0; i < ascii.length; i++) {
      boolean escape =
          ascii[i] == '%'
              && i + 2 < ascii.length
              && HexFormat.isHexDigit(ascii[i + 1])
              && HexFormat.isHexDigit(ascii[i + 2]);
      if (escape) {
        bytes.write(HexFormat.fromHexDigits(raw, i + 1, i + 3));
        i += 2;
      } else {
        bytes.write(ascii[i]);
      }
    }
    return Utf8.decode(bytes.toByteArray());
  }
}
