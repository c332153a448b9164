package dev.jbuild.store;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The names in a directory of the store that are ours. Others are never touched.
final class Names {

  private static final int DIGEST = 64;

  private Names() {}

  static boolean isHex(String name) {
    return isHex(name, DIGEST);
  }

  /// Whether `name` is made of so many hex digits, in lower case.
  private static boolean isHex(String name, int digits) {
    return name.length() == digits && isHexAt(name, 0, digits);
  }

  /// Whether a digest stands in `text` at `from`.
  static boolean isHexAt(String text, int from) {
    return text.length() - from >= DIGEST && isHexAt(text, from, DIGEST);
  }

  private static boolean isHexAt(String text, int from, int digits) {
    for (int i = from; i < from + digits; i++) {
      char c = text.charAt(i);
      if (c > 'f' || (c < 'a' && (c > '9' || c < '0'))) {
        return false;
      }
    }
    return true;
  }

  /// The digests that have an entry in `directory`, sorted; none if it does not exist.
  static List<Digest> digests(Path directory) throws IOException {
    return matching(directory, DIGEST).stream().map(Digest::new).toList();
  }

  /// The names in `directory` that are made of so many hex digits, sorted; none if it does not
  /// exist.
  static List<String> matching(Path directory, int digits) throws IOException {
    var names = new ArrayList<String>();
    try (var opened = Directory.open(directory)) {
      for (var entry : opened.list()) {
        var name = new String(entry.name(), StandardCharsets.ISO_8859_1);
        if (isHex(name, digits)) {
          names.add(name);
        }
      }
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return List.of();
      }
      throw e.about(directory);
    }
    Collections.sort(names);
    return names;
  }
}
