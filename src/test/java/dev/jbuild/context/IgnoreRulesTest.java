package dev.jbuild.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Utf8;
import dev.jbuild.tar.ArchivePath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which paths an ignore file leaves out (section 4 of the language's reference; reliability case
/// 77).
class IgnoreRulesTest {

  private static IgnoreRules rules(String... lines) {
    return IgnoreRules.parse(new Source(".dockerignore", String.join("\n", lines)));
  }

  private static boolean excludes(IgnoreRules rules, String path) {
    return rules.excludes(ArchivePath.of(path));
  }

  @ParameterizedTest(name = "4.3 {0} leaves out {1}")
  @CsvSource({
    "foo, foo",
    "foo, foo/bar/baz",
    "*, anything",
    "*, .hidden",
    "*, a/b",
    "?, x",
    "?, é",
    "?oo, .oo",
    "*.md, README.md",
    "docs/*.md, docs/x.md",
    "docs/*.md, docs/x.md/inside",
    "a/*/c, a/b/c",
    "**, a/b/c",
    "**/*, a/b/c",
    "**/x, x",
    "**/x, a/x",
    "**/x, a/b/x",
    "**/x, a/x/b",
    "**/x*, a/b/xy",
    "**/**/**/x*, a/b/xy",
    "**.go, main.go",
    "**.go, a/b/main.go",
    "a/**, a/b",
    "a/**, a/b/c",
    "a/**/b, a/b",
    "a/**/b, a/x/y/b",
    "a**, ab/c",
    "?**, x",
    "[ab]**, a",
    "**x?, a/xy",
    "a**, abc",
    "**/a/**/b, x/a/y/z/b",
    "[a-c]x, bx",
    "[^a]x, bx",
    "'[\\]]x', ']x'",
    "'[\\^a]', '^'",
    "'\\*', '*'",
    "x\\?, x?",
    "'[!a]', '!'",
    "a.b, a.b",
    "'a+(b)|{c}$', 'a+(b)|{c}$'",
    "'a b', 'a b'",
  })
  void patternMatches(String pattern, String path) {
    assertTrue(excludes(rules(pattern), path));
  }

  @ParameterizedTest(name = "4.2 {0} leaves out {1}")
  @CsvSource({
    "/foo, foo",
    "///foo, foo",
    "foo/, foo",
    "foo/., foo",
    "./foo//bar/../baz, foo/baz",
    "'\\!x', '!x'",
    "'\\#x', '#x'",
    "'  #x', '#x'",
    "'x#y', 'x#y'",
    "' x ', x",
    "'a!b', 'a!b'",
  })
  void aLineIsCleaned(String line, String path) {
    assertTrue(excludes(rules(line), path));
  }

  @ParameterizedTest(name = "4.3 {0} leaves in {1}")
  @CsvSource({
    "foo, a/foo",
    "foo, foobar",
    "foo, Foo",
    "*.md, docs/x.md",
    "a/*/c, a/c",
    "a/*/c, a/b/b/c",
    "?, ab",
    "?, ''",
    "**/x, ax",
    "**.go, main.got",
    "**x?, ax",
    "**x?, axy",
    "a?b, a/b",
    "a*b*c, ab/c",
    "*b*c, a/bc",
    "a/**, a",
    "a/**, ab",
    "a/**/b, a/xb",
    "[^a]x, ax",
    "[a-c]x, dx",
    "'\\*', x",
    "'\\d', 5",
    "a.b, axb",
    "../x, x",
    "., x",
    "/, x",
    "'#x', '#x'",
  })
  void patternDoesNotMatch(String pattern, String path) {
    assertFalse(excludes(rules(pattern), path));
  }

  @Test
  void lastMatchingLineDecides() {
    var rules = rules("*", "!src", "src/*.tmp", "!src/keep.tmp");
    assertTrue(excludes(rules, "a"));
    assertFalse(excludes(rules, "src"));
    assertFalse(excludes(rules, "src/Main.java"));
    assertTrue(excludes(rules, "src/x.tmp"));
    assertFalse(excludes(rules, "src/keep.tmp"));
  }

  @Test
  void fileBelowAnExcludedDirectoryIsTakenBackIn() {
    var rules = rules("*", "!a/b.txt");
    assertTrue(excludes(rules, "a"));
    assertFalse(excludes(rules, "a/b.txt"));
    assertTrue(excludes(rules, "a/c.txt"));
    assertTrue(rules.mayContainIncluded(ArchivePath.of("a")));
    assertFalse(rules.mayContainIncluded(ArchivePath.of("b")));
    assertFalse(rules.mayContainIncluded(ArchivePath.of("ab")));
  }

  @Test
  void laterExclusionOfTheDirectoryWinsOverAnEarlierReinclusion() {
    var rules = rules("!a/b.txt", "a");
    assertTrue(excludes(rules, "a/b.txt"));
    assertFalse(rules.mayContainIncluded(ArchivePath.of("a")));
    assertFalse(rules("d", "d/e", "!x").mayContainIncluded(ArchivePath.of("d")));
  }

  @Test
  void whetherALineTakesSomethingBackIsKnown() {
    assertTrue(rules("!a").takesBack());
    assertTrue(rules("*", "!a", "b").takesBack());
    assertFalse(rules("a", "# !b").takesBack());
  }

  /// A rule that would change nothing for a directory does not reach what is below it, as in moby's
  /// walk.
  @Test
  void aRuleThatChangesNothingForADirectoryDoesNotReachBelowIt() {
    assertTrue(excludes(rules("**/*.log", "!keep"), "keep/x.log"));
    assertTrue(excludes(rules("**/node_modules", "!app"), "app/node_modules/x"));
    assertFalse(excludes(rules("**/*.log", "!keep/**"), "keep/x.log"));
    assertFalse(excludes(rules("*", "!keep"), "keep/x.log"));
    assertFalse(excludes(rules("*", "!keep", "**/*.tmp"), "keep/x.log"));
    assertFalse(excludes(rules("d", "!d/x", "d"), "d/x"));
    assertTrue(excludes(rules("d", "!d/x", "d/*"), "d/x"));
    var rules = rules("d", "!d/x", "d", "!d/x/y");
    assertFalse(excludes(rules, "d/x/y"));
    assertEquals(2, rules.decidedBy(ArchivePath.of("d/x/y")).orElseThrow().line());
  }

  @Test
  void anyDepthReinclusionKeepsEveryDirectoryOpen() {
    var rules = rules("**", "!**/*.java");
    assertTrue(rules.mayContainIncluded(ArchivePath.of("a/b/c")));
    assertTrue(excludes(rules, "a/b/c"));
    assertFalse(excludes(rules, "a/b/C.java"));
  }

  @Test
  void blanksBomCrlfAndCommentsAreNoPartOfPatterns() { // section 4.2
    var rules = rules("\uFEFFfirst\r", "# comment\r", "", "  second \t\r", " ! second/x \r");
    assertTrue(excludes(rules, "first"));
    assertTrue(excludes(rules, "second"));
    assertFalse(excludes(rules, "second/x"));
    assertFalse(excludes(rules, "# comment"));
  }

  @Test
  void rootIsNeverLeftOut() {
    assertFalse(rules("*", "**", ".", "/").excludes(ArchivePath.ROOT));
  }

  @Test
  void namesThatAreNoUtf8AreMatchedByteByByte() {
    var path = ArchivePath.of(new byte[] {'a', (byte) 0xFF, 'b'});
    assertTrue(rules("a?b").excludes(path));
    assertTrue(rules("a*").excludes(path));
    assertTrue(rules(Utf8.decode(new byte[] {'a', (byte) 0xFF, 'b'})).excludes(path));
    assertFalse(rules("a??b").excludes(path));
  }

  @Test
  void decidingLineIsNamed() {
    var rules = rules("# c", "config/** ", "!config/keep");
    var rule = rules.decidedBy(ArchivePath.of("config/app.yml")).orElseThrow();
    assertEquals(2, rule.line());
    assertEquals(".dockerignore line 2 (config/**)", rule.printable());
    assertTrue(rules.decidedBy(ArchivePath.of("config/keep")).orElseThrow().includes());
    assertTrue(rules.decidedBy(ArchivePath.of("config")).isEmpty());
  }

  @ParameterizedTest(name = "4.3 {0} is no pattern")
  @ValueSource(strings = {"[a", "a[", "[", "[^", "[]", "[]a]", "[a-]", "[-a]", "[b-a]", "x\\", "!"})
  void malformedPatternIsAnErrorAtItsLine(String pattern) {
    var failure = assertThrows(BuildFailure.class, () -> rules("ok", pattern));
    assertEquals(BuildFailure.Kind.CONTEXT, failure.kind());
    assertEquals(".dockerignore:2:1", failure.where().orElseThrow().toString());
  }

  @Test
  void malformedExcludeIsAnErrorOfTheDockerfile() {
    var failure =
        assertThrows(BuildFailure.class, () -> IgnoreRules.ofExcludes(List.of("ok", "[a")));
    assertEquals(BuildFailure.Kind.DOCKERFILE, failure.kind());
  }

  @Test
  void tenThousandPatternsAgainstAHundredThousandPathsTakeSeconds() { // case 77
    var lines = new ArrayList<String>();
    for (int i = 0; i < 10_000; i++) {
      lines.add((i % 7 == 0 ? "!" : "") + "**/**/**/x" + i + "*");
    }
    var rules = rules(lines.toArray(String[]::new));
    assertTimeout(
        Duration.ofSeconds(20),
        () -> {
          int excluded = 0;
          for (int i = 0; i < 100_000; i++) {
            excluded += excludes(rules, "some/where/x" + i + ".txt") ? 1 : 0;
          }
          assertTrue(excluded > 50_000, "excluded " + excluded);
        });
  }

  @Test
  void starsUponStarsDoNotBlowUp() {
    var rules = rules("*a".repeat(60) + "b", "**/a".repeat(60) + "/b");
    assertTimeout(Duration.ofSeconds(5), () -> assertFalse(excludes(rules, "a".repeat(20_000))));
    assertTimeout(
        Duration.ofSeconds(5), () -> assertFalse(excludes(rules, "a/".repeat(2_000) + "c")));
  }
}
