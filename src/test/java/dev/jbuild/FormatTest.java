package dev.jbuild;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.googlejavaformat.java.Formatter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// All sources are formatted by google-java-format. `mvn test -Dtest=FormatTest -Dformat=write`
/// formats them.
class FormatTest {

  private static final boolean WRITE = "write".equals(System.getProperty("format"));

  @Test
  void sourcesAreFormatted() throws Exception {
    var formatter = new Formatter();
    var unformatted = new ArrayList<Path>();
    for (var file : sources()) {
      var text = Files.readString(file);
      var formatted = formatter.formatSourceAndFixImports(text);
      if (!formatted.equals(text)) {
        if (WRITE) {
          Files.writeString(file, formatted);
        } else {
          unformatted.add(file);
        }
      }
    }
    assertEquals(List.of(), unformatted, "format them with -Dformat=write");
  }

  /// The formatter cuts a longer doc comment line in two and makes a plain comment of the rest.
  @Test
  void docCommentsFitTheLine() throws Exception {
    for (var file : sources()) {
      for (var line : Files.readAllLines(file)) {
        assertFalse(line.strip().startsWith("///") && line.length() > 100, file + ": " + line);
      }
    }
  }

  private static List<Path> sources() throws Exception {
    try (var files = Files.walk(Path.of("src"))) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }
}
