package dev.jbuild.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Hints go on where the sentence ended, so they begin with a small letter; names keep theirs.
class HintTest {

  private static final Pattern HINT =
      Pattern.compile("\\.hint\\(\\s*(?:[\\w.()]+\\s*\\?\\s*)?\"([^\"]+)");
  private static final Pattern SENTENCE = Pattern.compile("(?!Docker )[A-Z]([a-z].*| .*)");

  @Test
  void allBeginWithASmallLetter() throws IOException {
    var wrong = new TreeSet<String>();
    int seen = 0;
    try (var files = Files.walk(Path.of("src/main/java"))) {
      for (var file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        var hints = HINT.matcher(Files.readString(file));
        while (hints.find()) {
          seen++;
          var hint = hints.group(1);
          if (SENTENCE.matcher(hint).matches()) {
            wrong.add(file + ": " + hint);
          }
        }
      }
    }
    assertEquals(new TreeSet<>(), wrong);
    assertTrue(seen > 200, "only " + seen + " hints were found");
  }
}
