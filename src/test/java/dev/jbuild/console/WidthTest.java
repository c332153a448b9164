package dev.jbuild.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class WidthTest {

  @Test
  void lettersAreOneColumnWideAndHanCharactersTwo() {
    assertEquals(0, Width.of(""));
    assertEquals(5, Width.of("Größe"));
    assertEquals(4, Width.of("漢字"));
    assertEquals(4, Width.of("한글"));
    assertEquals(2, Width.of("Ａ"));
  }

  @Test
  void combiningMarksTakeNoColumn() {
    assertEquals(1, Width.of("e\u0301"));
  }

  @Test
  void emojiOfBuildToolsAreTwoColumnsWide() {
    for (var emoji : new String[] {"🎉", "✅", "❌", "✨", "⚡", "🚀"}) {
      assertEquals(2, Width.of(emoji), emoji);
    }
    assertEquals(2, Width.of("✔\uFE0F"));
    assertEquals(1, Width.of("✔"));
  }

  @Test
  void aTextIsFilledUpOrCutToExactlyItsWidth() {
    assertEquals("ab  ", Width.fit("ab", 4));
    assertEquals("abcd", Width.fit("abcd", 4));
    assertEquals("abc…", Width.fit("abcde", 4));
    assertEquals("漢… ", Width.fit("漢字漢", 4));
    assertEquals("…", Width.fit("ab", 1));
    assertEquals("", Width.fit("ab", 0));
    assertEquals("", Width.fit("ab", -3));
  }

  @Test
  void aCharacterOfTwoUnitsIsNotCutInHalf() {
    assertEquals("🎉🎉…", Width.fit("🎉🎉🎉🎉", 5));
  }
}
