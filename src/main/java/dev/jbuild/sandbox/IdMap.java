package dev.jbuild.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Which IDs exist in this process's user namespace (user_namespaces(7)).
record IdMap(List<Range> ranges) {

  record Range(long first, long count) {}

  static IdMap read(Path file) throws IOException {
    return parse(Files.readString(file));
  }

  /// @param text lines of: first ID inside, first ID outside, how many
  static IdMap parse(String text) {
    return new IdMap(
        text.lines()
            .map(line -> line.strip().split(" +", -1))
            .map(fields -> new Range(Long.parseLong(fields[0]), Long.parseLong(fields[2])))
            .toList());
  }

  boolean contains(long id) {
    return ranges.stream()
        .anyMatch(range -> id >= range.first() && id - range.first() < range.count());
  }
}
