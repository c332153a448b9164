package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.Campaign;
import dev.jbuild.cli.Syntax.Kind;
import dev.jbuild.cli.Syntax.Option;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Where [PlainWords] know what a command line means, picocli means the same.
class PlainWordsPropertyTest {

  private static final List<Option> OPTIONS =
      List.of(
          new Option(Kind.FLAG, List.of("-l", "--loud"), "", "Loud.", false, false),
          new Option(Kind.VALUE, List.of("--times"), "N", "How often.", false, true),
          new Option(Kind.VALUES, List.of("-p", "--pair"), "K=V", "A pair.", false, true));

  private static final List<String> WORDS =
      List.of(
          "-l",
          "--loud",
          "--loud=true",
          "--times",
          "--times=3",
          "--times=",
          "-p",
          "-pa",
          "-lp",
          "--pair",
          "--pair=b=2",
          "-p=b",
          "--",
          "-",
          "",
          "a",
          "b c",
          "@file",
          "\"q\"",
          "'",
          "${a}",
          "--other",
          "-x",
          "--tim",
          "=",
          "a=b",
          "--times=\"x\"",
          "--pair=${user.name}",
          "%d");

  private int read;

  @Test
  void whatTheyReadPicocliReadsTheSame() {
    Campaign.run("words", 3_000, this::isReadAlike);

    assertTrue(read > 100, () -> read + " of them were plain");
  }

  private void isReadAlike(Random random) {
    var words = new ArrayList<String>();
    for (int i = random.nextInt(6); i > 0; i--) {
      words.add(WORDS.get(random.nextInt(WORDS.size())));
    }
    boolean isArgumentLast = random.nextBoolean();
    Map<String, Option> known = new HashMap<>();
    OPTIONS.forEach(option -> option.names().forEach(name -> known.put(name, option)));
    var line = words.toArray(String[]::new);
    var plain = PlainWords.read(line, known, isArgumentLast);
    if (plain.isPresent()) {
      read++;
      assertEquals(
          told(picocli(isArgumentLast).parse(line, Options::usage)),
          told(plain.get()),
          words::toString);
    }
  }

  private static PicocliSyntax picocli(boolean isArgumentLast) {
    var syntax = new PicocliSyntax("try", "[OPTIONS] THING", "Try.");
    OPTIONS.forEach(syntax::add);
    syntax.addArguments("THING");
    if (isArgumentLast) {
      syntax.endOptionsAtArgument();
    }
    return syntax;
  }

  private static List<Object> told(Options options) {
    return List.of(
        options.has("-l"),
        options.has("--loud"),
        options.has("--times"),
        options.value("--times"),
        options.values("-p"),
        options.values("--pair"),
        options.arguments());
  }
}
