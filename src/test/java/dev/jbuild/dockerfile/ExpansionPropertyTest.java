package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.Campaign;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// Variables, quotes and escapes against [ExpansionOracle]; case 74: nothing but a [BuildFailure]
/// is ever thrown, and every word comes to an end.
class ExpansionPropertyTest {

  private static final String REFUSED = "refused";

  private static final List<String> NAMES =
      List.of("a", "b", "empty", "unset", "größe", "_x1", "1", "@", "#", "*", "?", "-", "0", "$");

  private static final List<String> CHARACTERS =
      List.of(
          "a",
          "b",
          "a",
          "/",
          "*",
          "?",
          ".",
          "\\",
          "`",
          "'",
          "\"",
          "$",
          "{",
          "}",
          ":",
          "-",
          "+",
          "#",
          "%",
          "=",
          "!",
          "0",
          "_",
          "é",
          "\uD83D\uDE00",
          " ",
          "\t",
          "\n",
          "\u00a0",
          "\uDC80",
          "<<",
          "[");

  @Test
  void wordsMeanWhatTheSlowOracleSays() {
    Campaign.run("expansion", 8_000, ExpansionPropertyTest::meansTheSame);
  }

  private static void meansTheSame(Random random) {
    var text = mutated(random, word(random, 3));
    var values = values(random);
    char escape = random.nextInt(3) == 0 ? '`' : '\\';
    var word = new Word(text, new Source("f", text).span(1, 1, text.length() + 1));
    var told = "<" + text + "> with " + values + " and " + escape;

    assertEquals(
        refusal(() -> ExpansionOracle.word(text, values, escape)),
        refusal(() -> Expansion.expand(word, values::get, escape)),
        told);
    assertEquals(
        refusal(() -> ExpansionOracle.words(text, values, escape).toString()),
        refusal(() -> Expansion.expandWords(word, values::get, escape).toString()),
        told);
    var document = new Heredoc("E", text, true, false, -1, word.span());
    assertEquals(
        refusal(() -> ExpansionOracle.body(text, values)),
        refusal(() -> Expansion.expandBody(document, values::get)),
        told);
    refusal(() -> Expansion.unquote(word, escape));
    Expansion.variablesOf(word, escape);
  }

  private static String refusal(Supplier<String> expansion) {
    try {
      return "=" + expansion.get();
    } catch (ExpansionOracle.Refused _) {
      return REFUSED;
    } catch (BuildFailure failure) {
      assertTrue(failure.where().isPresent() && failure.hint().isPresent(), failure.message());
      return REFUSED;
    }
  }

  private static Map<String, String> values(Random random) {
    var values = new HashMap<String, String>();
    values.put("empty", "");
    for (var name : List.of("a", "b", "größe", "_x1")) {
      if (random.nextInt(4) > 0) {
        values.put(name, text(random, 9));
      }
    }
    return values;
  }

  private static String text(Random random, int most) {
    var text = new StringBuilder();
    for (int n = random.nextInt(most); n > 0; n--) {
      text.append(pick(random, CHARACTERS));
    }
    return text.toString();
  }

  private static String word(Random random, int depth) {
    var out = new StringBuilder();
    for (int n = random.nextInt(4); n >= 0; n--) {
      out.append(part(random, depth));
    }
    return out.toString();
  }

  private static String part(Random random, int depth) {
    if (depth == 0) {
      return pick(random, List.of("a", "b", "/", "*", "?", " ", "\\*", "\\/", "$a", "é"));
    }
    var name = pick(random, NAMES);
    return switch (random.nextInt(14)) {
      case 0 -> "$" + name;
      case 1 -> "${" + name + "}";
      case 2, 3 ->
          "${"
              + name
              + pick(random, List.of(":-", "-", ":+", "+", ":?", "?"))
              + word(random, depth - 1)
              + "}";
      case 4, 5 ->
          "${" + name + pick(random, List.of("#", "##", "%", "%%")) + word(random, depth - 1) + "}";
      case 6, 7 ->
          "${"
              + name
              + pick(random, List.of("/", "//"))
              + word(random, depth - 1).replace("/", "\\/")
              + "/"
              + word(random, depth - 1)
              + "}";
      case 8 -> "'" + word(random, depth - 1) + "'";
      case 9 -> "\"" + word(random, depth - 1) + "\"";
      case 10 -> pick(random, List.of("\\", "`")) + pick(random, CHARACTERS);
      default -> pick(random, List.of("a", "b", "/", ".", " ", "*", "?", "é", "<<"));
    };
  }

  private static String mutated(Random random, String word) {
    var text = new StringBuilder(word);
    for (int n = Math.max(0, random.nextInt(5) - 2); n > 0; n--) {
      int at = random.nextInt(text.length() + 1);
      if (random.nextBoolean()) {
        text.insert(at, pick(random, CHARACTERS));
      } else if (at < text.length()) {
        text.deleteCharAt(at);
      }
    }
    return text.toString();
  }

  private static String pick(Random random, List<String> list) {
    return list.get(random.nextInt(list.size()));
  }
}
