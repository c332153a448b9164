package dev.jbuild;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// docs/dockerfile-rules.md tells the truth: each class has rows of the section that names it, and
/// rows of all sections can be found.
class SectionsTest {

  private static final Path PAGE = Path.of("docs/dockerfile-rules.md");
  private static final Pattern LINE = Pattern.compile("(?m)^\\| ([0-9.]+) \\| .* \\| ([^|]+) \\|$");
  private static final Pattern ROW = Pattern.compile("\"([0-9]+(\\.[0-9]+)?)(\",| [^\"])");

  /// Those whose rows begin with a section and are of several.
  private static final List<String> ROWS =
      List.of("CopyRulesTest", "ConfigRulesTest", "KeyRulesTest", "ParseTest", "MistakeTest");

  /// What tests say in tables that are no Java.
  private static final Map<String, String> TABLES =
      Map.of("ParseErrorTest", "dockerfile/errors.txt", "LintTest", "plan/lint.txt");

  @Test
  void everyClassHasRowsOfTheSectionsThatNameIt() throws IOException {
    var texts = texts();
    var sections = sections();
    assertEquals(32, sections.size());
    sections.forEach(
        (section, classes) -> {
          var mark =
              Pattern.compile(
                  "(?m)(\"|section |rules\\.md |^--- )"
                      + Pattern.quote(section)
                      + "(?![0-9]|\\.[0-9])");
          for (var name : classes) {
            assertTrue(mark.matcher(texts.getOrDefault(name, "")).find(), name + " " + section);
          }
        });
  }

  @Test
  void everyTableOfRowsIsNamed() throws IOException {
    var sections = sections();
    var texts = texts();
    var missing = new TreeSet<String>();
    for (var name : ROWS) {
      var rows = ROW.matcher(texts.getOrDefault(name, ""));
      while (rows.find()) {
        var section = rows.group(1);
        if (sections.containsKey(section) && !sections.get(section).contains(name)) {
          missing.add(section + " " + name);
        }
      }
    }
    assertEquals(new TreeSet<>(), missing);
  }

  /// Attacks by Dockerfiles and contexts (64 to 85) and odd input (136 to 146).
  @Test
  void everyCaseHasATestThatTellsItsNumber() throws IOException {
    var all = String.join("\n", texts().values());
    var missing = new TreeSet<Integer>();
    for (int number = 64; number <= 146; number = number == 85 ? 136 : number + 1) {
      var mark = "(?i)\\b(cases?|reliability)([ ,]|and|[0-9])*(?<![0-9])" + number + "(?![0-9])";
      if (!Pattern.compile(mark).matcher(all).find()) {
        missing.add(number);
      }
    }
    assertEquals(new TreeSet<>(), missing);
  }

  private static Map<String, List<String>> sections() throws IOException {
    var sections = new TreeMap<String, List<String>>();
    var lines = LINE.matcher(Files.readString(PAGE));
    while (lines.find()) {
      sections.put(lines.group(1), List.of(lines.group(2).split(";", 2)[0].split(", ")));
    }
    return sections;
  }

  private static Map<String, String> texts() throws IOException {
    var texts = new HashMap<String, String>();
    try (var files = Files.walk(Path.of("src/test/java"))) {
      for (var file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        var name = file.getFileName().toString().replace(".java", "");
        texts.merge(name, Files.readString(file), String::concat);
      }
    }
    for (var table : TABLES.entrySet()) {
      var text = Files.readString(Path.of("src/test/resources/dev/jbuild", table.getValue()));
      texts.merge(table.getKey(), text, String::concat);
    }
    return texts;
  }
}
