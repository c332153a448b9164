package dev.jbuild.linux;

import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What a message calls a file: the path by which it was reached. Its text is put together only
/// when a message needs it. Never used to find the file again.
final class Where {

  private final @Nullable Where parent;
  private final byte[] name;

  private Where(@Nullable Where parent, byte[] name) {
    this.parent = parent;
    this.name = name;
  }

  static Where of(byte[] path) {
    return new Where(null, path);
  }

  /// `name`, one component or more, below this.
  Where child(byte[] name) {
    return new Where(this, name);
  }

  /// Printable.
  String text() {
    var chain = new ArrayDeque<byte[]>();
    for (Where at = this; at != null; at = at.parent) {
      chain.push(at.name);
    }
    var path = new ByteArrayOutputStream();
    byte last = '/';
    for (var part : chain) {
      if (path.size() > 0 && last != '/' && part.length > 0) {
        path.write('/');
      }
      path.writeBytes(part);
      last = part.length > 0 ? part[part.length - 1] : last;
    }
    return Printable.of(path.toByteArray());
  }

  /// The bytes of `path`, made absolute, whatever the locale.
  ///
  /// `Path.toString` decodes by the locale and cannot be turned back; the URI of a path holds its
  /// very bytes, percent-encoded.
  static byte[] bytes(Path path) {
    var plain = path.toAbsolutePath().toString();
    if (isAscii(plain)) {
      return Utf8.encode(plain);
    }
    var uri = path.toUri().getRawPath();
    var bytes = new ByteArrayOutputStream(uri.length());
    for (int i = 0; i < uri.length(); i++) {
      char c = uri.charAt(i);
      if (c == '%') {
        bytes.write(Integer.parseInt(uri, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    var absolute = bytes.toByteArray();
    // The URI of a directory ends with a slash.
    boolean slash = absolute.length > 1 && absolute[absolute.length - 1] == '/';
    return slash ? Arrays.copyOf(absolute, absolute.length - 1) : absolute;
  }

  /// An undecodable byte is shown as U+FFFD, and under `LC_ALL=C` never as a character below 128.
  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80 || text.charAt(i) == '?') {
        return false;
      }
    }
    return true;
  }
}
