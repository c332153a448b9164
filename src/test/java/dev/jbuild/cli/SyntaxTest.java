package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SyntaxTest {

  private static Syntax syntax() {
    return new Syntax("try", "[OPTIONS] THING", "Try 100% of it.", "  jbuild try thing")
        .flag("Loud.", "-l", "--loud")
        .value("N", "How often.", "--times")
        .optional("BOOL", "true", "Pretty.", "--pretty")
        .values("K=V", "A pair.", "-p", "--pair")
        .arguments("THING", "1..2");
  }

  private static Options parse(String... words) {
    return syntax().parse(List.of(words));
  }

  private static BuildFailure refused(String... words) {
    var failure = assertThrows(BuildFailure.class, () -> parse(words));
    assertEquals(BuildFailure.Kind.USAGE, failure.kind());
    return failure;
  }

  @Test
  void optionsMayStandBeforeAndBehindTheArguments() {
    var options = parse("--loud", "thing", "--times", "3", "other");

    assertTrue(options.has("--loud"));
    assertEquals(List.of("thing", "other"), options.arguments());
    assertEquals(3, options.number("--times", 1, 7));
  }

  @Test
  void anOptionIsFoundByItsLongNameAlsoIfTheShortOneWasTyped() {
    assertTrue(parse("-l", "thing").has("--loud"));
    assertEquals(List.of("a=1", "b=2"), parse("-p", "a=1", "--pair=b=2", "x").values("--pair"));
  }

  @Test
  void ofAnOptionThatIsGivenTwiceTheLastCounts() {
    assertEquals(2, parse("--times", "1", "thing", "--times=2").number("--times", 1, 7));
    assertEquals(Optional.of("x"), parse("thing", "--pretty", "--pretty=x").value("--pretty"));
    assertEquals(Optional.of("true"), parse("thing", "--pretty=x", "--pretty").value("--pretty"));
    assertTrue(parse("-l", "--loud", "thing").has("--loud"));
    assertFalse(parse("-l", "--loud=true", "thing", "--loud=false").has("--loud"));
    assertTrue(parse("--loud=false", "-l", "thing").has("--loud"));
  }

  @Test
  void whatWasNotTypedIsNotThere() {
    var options = parse("thing");

    assertFalse(options.has("--loud"));
    assertEquals(Optional.empty(), options.value("--times"));
    assertEquals(List.of(), options.values("--pair"));
    assertEquals(7, options.number("--times", 1, 7));
  }

  @Test
  void anOptionalValueStandsBehindAnEqualsSignOnly() {
    var bare = parse("--pretty", "false");
    assertTrue(bare.isOn("--pretty", false));
    assertEquals(List.of("false"), bare.arguments());

    assertFalse(parse("--pretty=false", "thing").isOn("--pretty", true));
    assertTrue(parse("thing").isOn("--pretty", true));
    assertEquals(List.of("--pretty"), parse("--", "--pretty").arguments());
    var options = parse("--pretty=maybe", "thing");
    assertThrows(BuildFailure.class, () -> options.isOn("--pretty", true));
  }

  /// As docker's: `--no-cache=true` stands in many a script.
  @Test
  void anOptionWithoutAValueMayBeSwitched() {
    assertTrue(parse("--loud=true", "thing").has("--loud"));
    assertTrue(parse("-l=1", "thing").has("--loud"));
    assertFalse(parse("--loud=false", "thing").has("--loud"));
    assertEquals(List.of("--loud=true"), parse("--", "--loud=true").arguments());
    refused("--loud=maybe", "thing");
  }

  @Test
  void behindTwoDashesEverythingIsAnArgument() {
    assertEquals(List.of("--loud", "x"), parse("--", "--loud", "x").arguments());
  }

  @Test
  void anAtSignIsNoFileOfArguments() {
    assertEquals(List.of("@/etc/passwd"), parse("@/etc/passwd").arguments());
  }

  @Test
  void anUnknownOptionIsAMistakeOfTheCommandLine() {
    var failure = refused("--frobnicate", "thing");

    assertTrue(failure.message().contains("--frobnicate"), failure.message());
    assertEquals(Optional.of("jbuild try --help shows what it takes"), failure.hint());
  }

  @Test
  void aMissingArgumentOrValueIsAMistakeOfTheCommandLine() {
    refused();
    refused("thing", "--times");
    refused("one", "two", "three");
  }

  @Test
  void aNumberMustBeOneAndLargeEnough() {
    for (var text : new String[] {"0", "-1", "many", "1.5", "99999999999"}) {
      var options = parse("--times=" + text, "thing");
      var failure = assertThrows(BuildFailure.class, () -> options.number("--times", 1, 7));
      assertTrue(failure.message().contains(text), failure.message());
    }
  }

  /// Reliability case 85.
  @Test
  void whatWasTypedIsPrintable() {
    assertFalse(refused("--\u001b[2J", "x").message().contains("\u001b"));
  }

  @Test
  void helpHasEveryOptionAndAnExample() {
    var help = syntax().help();

    assertTrue(help.startsWith("Usage: jbuild try [OPTIONS] THING"), help);
    for (var part :
        List.of("Try 100% of it.", "-l, --loud", "--times=N", "--root", "jbuild try thing")) {
      assertTrue(help.contains(part), part + " in " + help);
    }
  }

  @Test
  void wordsBehindTheFirstArgumentCanBelongToAnother() {
    var options =
        new Syntax("go", "IMAGE [WORD…]", "Go.")
            .flag("Loud.", "-l")
            .optionsEndAtArgument()
            .arguments("IMAGE", "1..*")
            .parse(List.of("image", "ls", "-l", "--help", "-l=true"));

    assertEquals(List.of("image", "ls", "-l", "--help", "-l=true"), options.arguments());
    assertFalse(options.has("-l"));
  }
}
