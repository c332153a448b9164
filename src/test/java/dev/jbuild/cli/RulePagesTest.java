package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jbuild.dockerfile.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The pages in docs/rules tell the truth: their bad examples are found, and their good ones are
/// not.
class RulePagesTest {

  private static final Path PAGES = Path.of("docs/rules");

  @TempDir static Path directory;

  /// The images that the examples name and that are to be known.
  @BeforeAll
  static void importImages() throws IOException {
    var root = directory.resolve("root");
    Files.createDirectories(root.resolve("etc"));
    for (var image : List.of("tools:1", "tools-riscv64:1")) {
      var words = new ArrayList<>(List.of("import", "-q", root.toString(), image));
      if (image.contains("riscv64")) {
        words.addAll(List.of("--platform", "linux/riscv64"));
      }
      var run = new Jbuild(directory.resolve("store")).run(words.toArray(String[]::new));
      assertEquals(0, run.code(), run.err());
    }
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void theExamplesAreAsGoodOrBadAsTheirPageSays(Rule rule) throws IOException {
    var page = Files.readString(PAGES.resolve(rule.ruleName() + ".md"));
    assertTrue(page.startsWith("# " + rule.ruleName() + "\n"), "its heading");
    assertTrue(page.contains("\n## Why\n"), "why");
    int good = page.indexOf("\n## Good\n");
    var bad = page.substring(page.indexOf("\n## Bad\n"), good);
    var ignored = block("dockerignore", bad);
    assertEquals(List.of(rule.ruleName()), found(block("dockerfile", bad).orElseThrow(), ignored));
    assertEquals(
        List.of(), found(block("dockerfile", page.substring(good)).orElseThrow(), ignored));
  }

  @Test
  void everyRuleIsListedAndEveryPageHasARule() throws IOException {
    var list = Files.readString(PAGES.resolve("README.md"));
    for (var rule : Rule.values()) {
      var name = rule.ruleName();
      assertTrue(
          list.contains("| [" + name + "](" + name + ".md) | " + rule.description() + " |"), name);
    }
    try (var pages = Files.list(PAGES)) {
      assertEquals(Rule.values().length + 1, pages.count());
    }
  }

  private static Optional<String> block(String kind, String text) {
    var match = Pattern.compile("(?s)\n```" + kind + "\n(.*?\n)```\n").matcher(text);
    return match.find() ? Optional.of(match.group(1)) : Optional.empty();
  }

  private static List<String> found(String dockerfile, Optional<String> ignored)
      throws IOException {
    var context = Files.createTempDirectory(directory, "context");
    Files.writeString(context.resolve("Dockerfile"), dockerfile);
    if (ignored.isPresent()) {
      Files.writeString(context.resolve(".dockerignore"), ignored.get());
    }
    var run =
        new Jbuild(directory.resolve("store")).run("lint", "--format=json", context.toString());
    var rules = new ArrayList<String>();
    for (var finding : new ObjectMapper().readTree(run.out()).get("findings")) {
      rules.add(finding.get("rule").asText());
    }
    assertEquals(rules.isEmpty() ? 0 : 3, run.code());
    return rules;
  }
}
