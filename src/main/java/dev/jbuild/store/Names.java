package dev.jbuild.store;

import dev.jbuild.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/// The names in a directory of the store that are ours. Others are never touched.
final class Names {

  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  private Names() {}

  static boolean isHex(String name) {
    return HEX.matcher(name).matches();
  }

  /// The digests that have an entry in `directory`, sorted; none if it does not exist.
  static List<Digest> digests(Path directory) throws IOException {
    return matching(directory, HEX).stream().map(Digest::new).toList();
  }

  /// The names in `directory` that match, sorted; none if it does not exist.
  static List<String> matching(Path directory, Pattern pattern) throws IOException {
    var names = new ArrayList<String>();
    try (var entries = Files.newDirectoryStream(directory)) {
      for (var entry : entries) {
        var name = String.valueOf(entry.getFileName());
        if (pattern.matcher(name).matches()) {
          names.add(name);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    Collections.sort(names);
    return names;
  }
}
