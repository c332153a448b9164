package dev.jbuild.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.Campaign;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Utf8;
import dev.jbuild.tar.ArchivePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Ignore files against [IgnoreOracle] (case 77), and hostile ones (case 74).
class IgnorePropertyTest {

  private static final List<String> PATTERN_PARTS =
      List.of(
          "a",
          "b",
          "é",
          "/",
          "/",
          "/",
          "*",
          "**",
          "**/",
          "**/",
          "?",
          "[ab]",
          "[^a]",
          "[a-b]",
          "\\a",
          "\\*",
          ".",
          "../",
          "./",
          " ",
          "x.y",
          "\uD83D\uDE00",
          "\uDC80");

  private static final List<String> PATH_PARTS =
      List.of("a", "b", "é", "/", "/", ".x", "ab", "*", "x.y", "\uD83D\uDE00", "\uDC80");

  /// The lone surrogates stand for bytes that are no UTF-8.
  private static final List<String> NAME_PARTS =
      List.of("a", "b", "é", "x.y", "*", "\uD83D\uDE00", "\uDC80", "\uDCFF");

  private static final List<String> NOISE =
      List.of(
          "!", "#", "[", "]", "-", "\\", "^", "\t", "\r", "\uFEFF", "\uDC80", "\0", "\uD83D\uDE00");

  @Test
  void rulesDecideAsTheSlowOracleDoes() {
    Campaign.run("ignore rules", 1_500, IgnorePropertyTest::decideAlike);
  }

  @Test
  void anyFileIsReadOrRefused() {
    Campaign.run("ignore files", 4_000, IgnorePropertyTest::isReadOrRefused);
  }

  private static void decideAlike(Random random) {
    var lines = new ArrayList<String>();
    int most = random.nextInt(8) == 0 ? 60 : 6; // many are asked in another way than a few
    for (int i = random.nextInt(most); i >= 0; i--) {
      lines.add(line(random));
    }
    var file = new Source("f", String.join("\n", lines));
    if (IgnoreOracle.refuses(lines)) {
      assertThrows(BuildFailure.class, () -> IgnoreRules.parse(file), lines.toString());
      return;
    }
    var rules = IgnoreRules.parse(file);
    for (int i = 0; i < 12; i++) {
      var path = ArchivePath.clamped(word(random, PATH_PARTS, 7));
      if (path.isRoot()) {
        continue;
      }
      boolean expected = IgnoreOracle.excludes(lines, path.toString());
      var told = lines + " and " + path;
      assertEquals(expected, rules.excludes(path), told);
      assertEquals(
          expected, rules.decidedBy(path).map(rule -> !rule.includes()).orElse(false), told);
      checkWalkReaches(rules, path, expected, told);
      checkNamesBeside(random, lines, rules, path.parent());
    }
  }

  /// As a directory is listed: its rules are made once and asked about each name.
  private static void checkNamesBeside(
      Random random, List<String> lines, IgnoreRules rules, ArchivePath directory) {
    var inside = rules.in(directory, rules.decide(directory));
    for (int i = 0; i < 4; i++) {
      var name = Utf8.encode(word(random, NAME_PARTS, 3));
      var path = directory.child(name);
      boolean expected = IgnoreOracle.excludes(lines, path.toString());
      assertEquals(expected, rules.excludes(inside.decide(name)), lines + " and " + path);
    }
  }

  /// A walker that skips directories must still come to whatever is taken in.
  private static void checkWalkReaches(
      IgnoreRules rules, ArchivePath path, boolean excluded, String told) {
    for (var above = path.parent(); !excluded && !above.isRoot(); above = above.parent()) {
      assertTrue(!rules.excludes(above) || rules.mayContainIncluded(above), told);
    }
  }

  private static String line(Random random) {
    var start = List.of("", "", "", "!", "! ", " ", "#", "/").get(random.nextInt(8));
    var line = start + word(random, PATTERN_PARTS, 6) + (random.nextInt(8) == 0 ? " \t" : "");
    return line;
  }

  private static void isReadOrRefused(Random random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(12); i >= 0; i--) {
      var parts = random.nextInt(3) == 0 ? NOISE : PATTERN_PARTS;
      text.append(parts.get(random.nextInt(parts.size())));
      text.append(random.nextInt(4) == 0 ? "\n" : "");
    }
    if (random.nextInt(8) == 0) {
      var bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      text.append(Utf8.decode(bytes));
    }
    try {
      var rules = IgnoreRules.parse(new Source("f", text.toString()));
      var bytes = Utf8.encode(word(random, PATH_PARTS, 7) + "\uDC80");
      rules.excludes(ArchivePath.clamped(Utf8.decode(bytes)));
    } catch (BuildFailure failure) {
      assertEquals(BuildFailure.Kind.CONTEXT, failure.kind());
      assertTrue(failure.where().isPresent(), text.toString());
    }
  }

  private static String word(Random random, List<String> parts, int most) {
    var word = new StringBuilder();
    for (int i = random.nextInt(most); i >= 0; i--) {
      word.append(parts.get(random.nextInt(parts.size())));
    }
    return word.toString();
  }
}
