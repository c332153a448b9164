package dev.jbuild.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepTextTest {

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String safe(String line) {
    return StepText.safe(bytes(line), false);
  }

  private static List<String> texts(List<byte[]> lines) {
    return lines.stream()
        .map(line -> new String(line, StandardCharsets.UTF_8))
        .collect(Collectors.toList());
  }

  @Test
  void outputInPiecesBecomesLines() {
    var text = new StepText();

    assertEquals(List.of(), texts(text.lines(bytes("on"))));
    assertEquals(List.of("one", ""), texts(text.lines(bytes("e\n\ntw"))));
    assertEquals("tw", new String(text.rest(), StandardCharsets.UTF_8));
  }

  @Test
  void plainTextIsLeftAlone() {
    assertEquals("Grüße, 世界 ✅", safe("Grüße, 世界 ✅"));
  }

  @Test
  void tabsBecomeBlanks() {
    assertEquals("a    b", safe("a\tb"));
  }

  @Test
  void theLastStateOfALineThatOverwritesItselfIsShown() {
    assertEquals("100%", safe("10%\r50%\r100%"));
    assertEquals("100%", safe("10%\r100%\r"));
    assertEquals("dos", safe("dos\r\r"));
    assertEquals("", safe("\r"));
    assertEquals("", safe(""));
  }

  /// Reliability case 85, CWE-150.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u001b[2J",
        "\u001b[1;1H",
        "\u001b[?25l",
        "\u001b[38;5;1m",
        "\u001b]0;title\u0007",
        "\u001b]8;;http://example.com\u001b\\",
        "\u001b]52;c;ZXZpbA==\u0007",
        "\u001b(0",
        "\u001bc",
        "\u001b7"
      })
  void escapeSequencesGo(String sequence) {
    assertEquals("ab", safe("a" + sequence + "b"));
  }

  /// Reliability case 85.
  @Test
  void whatElseCouldMoveTheCursorOrHideTextIsVisible() {
    assertEquals("\\x08\\x07\\x00\\x7f", safe("\b\u0007\u0000\u007f"));
    assertEquals("\\x9b2J", safe("\u009b2J"));
    assertEquals("\\u{202e}gpj", safe("\u202egpj"));
    assertEquals("\\u{2028}", safe("\u2028"));
    assertEquals("\\x1b", safe("\u001b"));
    assertEquals("\\x1b\\x1b", safe("\u001b\u001b\u001b[2J"));
  }

  @Test
  void coloursStayWhereTheyAreWantedAndEndWithTheirLine() {
    assertEquals("\u001b[31mred\u001b[0m", StepText.safe(bytes("\u001b[31mred\u001b[2J"), true));
    assertEquals("red", StepText.safe(bytes("\u001b[31mred"), false));
    assertEquals("plain", StepText.safe(bytes("plain\u001b[K"), true));
  }

  /// Reliability case 103.
  @Test
  void bytesThatAreNoTextAreShownAsSuch() {
    assertEquals("\\xff\\xfe\\x00a", StepText.safe(new byte[] {-1, -2, 0, 'a'}, false));
  }

  /// Reliability case 103: one line of a gibibyte must not fill the memory.
  @Test
  void aLineWithoutEndIsGivenInPieces() {
    var text = new StepText();
    var block = bytes("x".repeat(100_000));
    long given = 0;
    for (int i = 0; i < 20; i++) {
      for (var piece : text.lines(block)) {
        assertTrue(piece.length <= 17_000, "a piece of " + piece.length);
        given += piece.length;
      }
      assertTrue(text.rest().length <= 17_000, "kept: " + text.rest().length);
    }
    assertEquals(2_000_000, given + text.rest().length);
  }

  @Test
  void piecesDoNotCutACharacter() {
    var text = new StepText();
    var out = new StringBuilder();
    for (var piece : text.lines(bytes("é漢🎉".repeat(20_000) + "\n"))) {
      out.append(StepText.safe(piece, false));
    }

    assertEquals("é漢🎉".repeat(20_000), out.toString());
  }

  @Test
  void bytesThatOnlyLookLikeTheMiddleOfACharacterAreCutToo() {
    var text = new StepText();
    var block = new byte[50_000];
    java.util.Arrays.fill(block, (byte) 0x80);

    assertFalse(text.lines(block).isEmpty());
  }

  @Test
  void nothingOfALongLineIsLost() {
    var line = "0123456789".repeat(1_600);

    assertEquals(line, safe(line));
    assertEquals(16_000 * 4, safe("\u0000".repeat(16_000)).length());
    assertEquals("🎉".repeat(3_000), safe("🎉".repeat(3_000)));
  }
}
