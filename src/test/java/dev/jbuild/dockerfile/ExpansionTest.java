package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Words and their variables, section by section of the language reference.
class ExpansionTest {

  private static final Map<String, String> VALUES =
      Map.of(
          "home", "/usr/lib",
          "empty", "",
          "app", "server",
          "file", "archive.tar.gz",
          "blanks", "a  b c",
          "stars", "a*b?c",
          "größe", "XL",
          "slash", "a\\b",
          "quoted", "'$app'\"");

  @ParameterizedTest(name = "2.1 {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        // names
        "$app|server",
        "${app}|server",
        "x$app-y|xserver-y",
        "$APP|~~",
        "${APP}|~~",
        "$größe|XL",
        "$appx|~~",
        "$1x|x",
        "${12}x|x",
        "$@$*$#$?$-$!$0.|.",
        "${@}${*}${#}${?}${-}${$}${!}${0}.|.",
        "${größe%L}|X",
        "$größe-$app|XL-server",
        "$.|$.",
        "a$|a$",
        "$$app|app",
        // alternatives
        "${nope}|~~",
        "${nope:-w}|w",
        "${nope-w}|w",
        "${empty:-w}|w",
        "${empty-w}|~~",
        "${app:-w}|server",
        "${app:+w}|w",
        "${empty:+w}|~~",
        "${empty+w}|w",
        "${nope+w}|~~",
        "${app:?m}|server",
        "${empty?m}|~~",
        "${nope:-$app}|server",
        "${nope:-${app}}|server",
        "${nope:-${also:-deep}}x|deepx",
        "${app:-${nope:?is not evaluated}}|server",
        "${nope:-'}'}|}",
        "${nope:-\"${app}\"}|server",
        "${nope:-\\}}|}",
        "${nope:-a b}|a b",
        // prefixes and suffixes
        "${home#*/}|usr/lib",
        "${home##*/}|lib",
        "${home%/*}|/usr",
        "${home%%/*}|~~",
        "${file%.*}|archive.tar",
        "${file%%.*}|archive",
        "${file#*.}|tar.gz",
        "${file#archive?}|tar.gz",
        "${file#nothing}|archive.tar.gz",
        "${file#[a]}|archive.tar.gz",
        "${file%.${nope:-gz}}|archive.tar",
        "${stars#a\\*}|b?c",
        "${stars%\\?c}|a*b",
        "${app#*}|server",
        "${app##*}|~~",
        "${app#e}|server",
        "${app##e*}|server",
        "${app%e}|server",
        "${slash#a\\\\}|b",
        "${slash#\"a\\\\\"}|b",
        "${slash%\"\\b\"}|a",
        "${app%\\}}|server",
        "${home#\\/usr}|/lib",
        "${nope#x}|~~",
        // replacement
        "${app/e/E}|sErver",
        "${app//e/E}|sErvEr",
        "${app//r/}|seve",
        "${home/\\//_}|_usr/lib",
        "${home//\\//_}|_usr_lib",
        "${app/s*v/X}|Xer",
        "${file/a*r/X}|X.gz",
        "${app//?/ab$1}|abababababab",
        "${app/z/y}|server",
        "${app//z/y}|server",
        "${app//*/x}|x",
        "${home/[/x}|/usr/lib",
        "${stars//\\*/$app}|aserverb?c",
        "${file/.${nope:-tar}/}|archive.gz",
        "${home##*${nope:-/}}|lib",
        "${app///-}|-s-e-r-v-e-r-",
        "${app/e/\\E}|s\\Erver",
        "${app/e/\"\\$\"}|s\\$rver",
        // quotes and escapes
        "'$app'|$app",
        "'a\\b'|a\\b",
        "\"$app\"|server",
        "\"a\\b\\\"\\$app\\\\\"|a\\b\"$app\\",
        "\"'$app'\"|'server'",
        "\\$app|$app",
        "a\\tb|atb",
        "a\\ b|a b",
        "end\\|end",
        "end\\\\|end\\",
        "he'll'o|hello",
        "''|~~",
        "\\'|'",
        // what a variable stands for is not read again
        "$quoted|'$app'\"",
      })
  void aWordMeans(String text, String meaning) {
    assertEquals(meaning, Expansion.expand(word(text), ExpansionTest::value, '\\'));
  }

  @ParameterizedTest(name = "2.1 {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "${app|is missing its '}'",
        "${app:-x|is missing its '}'",
        "${app:|is missing its '}'",
        "${|is missing its '}'",
        "${}|has no variable name",
        "${:x}|has no variable name",
        "${{x}|has no variable name",
        "${.}|has no variable name",
        "${app:=x}|uses :=, which Dockerfiles do not know",
        "${app=x}|uses =, which Dockerfiles do not know",
        "${app:#x}|uses :#, which Dockerfiles do not know",
        "${app:0:1}|uses :0, which Dockerfiles do not know",
        "${app^^}|uses ^, which Dockerfiles do not know",
        "${app/x}|is missing its '/'",
        "${app//}|is missing its '/'",
        "${app/x/y|is missing its '}'",
        "${app#\\x}|has a bad pattern",
        "${app#'\\'}|has a bad pattern",
        "${quoted#\"'\\$\"}|has a bad pattern",
        "'app|the quote ' in 'app is never closed",
        "a\"b|the quote \" in a\"b is never closed",
        "${nope:?say why}|the variable nope has no value: say why",
        "${nope?}|the variable nope has no value: it must be set",
        "${empty:?}|the variable empty has no value: it must not be empty",
      })
  void aBadWordSaysWhatIsBad(String text, String message) {
    var failure =
        assertThrows(
            BuildFailure.class, () -> Expansion.expand(word(text), ExpansionTest::value, '\\'));
    assertEquals(true, failure.message().contains(message), failure.message());
    assertEquals(true, failure.hint().isPresent());
    assertEquals("f:1:1", failure.where().orElseThrow().toString().replaceAll(":[0-9]+$", ":1"));
  }

  @Test
  void aFailurePointsAtTheVariableInItsWord() {
    var failure =
        assertThrows(
            BuildFailure.class,
            () -> Expansion.expand(word("ab$app${x:=1}z"), ExpansionTest::value, '\\'));
    var where = failure.where().orElseThrow();
    assertEquals("7-12", where.column() + "-" + where.endColumn());
  }

  @Test
  void theBacktickIsTheEscapeCharacterIfADirectiveSaysSo() {
    assertEquals(
        "C:\\dir\\$app`", Expansion.expand(word("C:\\dir\\`$app``"), ExpansionTest::value, '`'));
  }

  /// BuildKit's patterns know no other escape character.
  @Test
  void patternsHaveTheBackslashWhateverADirectiveSays() { // 2.1
    assertEquals("b?c", Expansion.expand(word("${stars#a\\*}"), ExpansionTest::value, '`'));
    assertEquals("a*b?c", Expansion.expand(word("${stars#a`*}"), ExpansionTest::value, '`'));
    assertEquals("a/b", Expansion.expand(word("${slash//\\\\//}"), ExpansionTest::value, '`'));
  }

  @ParameterizedTest(name = "2.1 {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "$blanks|a,b,c",
        "x$blanks|xa,b,c",
        "x${blanks}y z|xa,b,cy,z",
        "\"$blanks\"|a  b c",
        "a\\ b|a b",
        "$nope|~~",
        "''|~~",
        "80 '443'/tcp|80,443/tcp",
      })
  void aListIsSplitAtBlanksAfterExpansion(String text, String words) {
    var expected = words.isEmpty() ? List.of() : List.of(words.split(","));
    assertEquals(expected, Expansion.expandWords(word(text), ExpansionTest::value, '\\'));
  }

  @Test
  void aHereDocumentKeepsQuotesAndLosesEscapes() {
    var body = "say \"$app\" and '${nope:-'x'}' \\$app \\\\ ${file%.*}\r\n";
    assertEquals(
        "say \"server\" and ''x'' $app \\ archive.tar\r\n",
        Expansion.expandBody(document(body, true, false), ExpansionTest::value));
    assertEquals(body, Expansion.expandBody(document(body, false, false), ExpansionTest::value));
    assertEquals(
        "ab\n", Expansion.expandBody(document("a\\b\n", true, false), ExpansionTest::value));
  }

  @Test
  void leadingTabsAreDroppedBeforeVariablesAreReplaced() {
    Variables tab = _ -> "\n\tx";
    assertEquals(
        "a\n\tx\nb\n c", Expansion.expandBody(document("\ta$v\n\t\tb\n c", true, true), tab));
  }

  @Test
  void aWordMayHaveAnyNumberOfVariables() {
    assertEquals(
        "server".repeat(300),
        Expansion.expand(word("${app:-x}".repeat(300)), ExpansionTest::value, '\\'));
  }

  @Test
  void unquotingLeavesDollarsAlone() {
    assertEquals("a b$c${d}", Expansion.unquote(word("\"a b\"$c\\${d}"), '\\'));
    assertEquals("a$b${", Expansion.unquote(word("\"a$b${\""), '\\'));
  }

  @Test
  void variablesWithoutAValueAreToldUnlessSomethingStandsInForThem() {
    var told = new ArrayList<String>();
    Variables variables =
        new Variables() {
          @Override
          public @Nullable String value(String name) {
            return ExpansionTest.value(name);
          }

          @Override
          public void unset(String name, Span use) {
            told.add(name + "@" + use.column());
          }
        };
    Expansion.expand(word("$a ${b} ${c:-$app} ${d+x} ${e#y} ${app:-$f} $app"), variables, '\\');
    assertEquals(List.of("a@1", "b@4", "e@27"), told);
  }

  @Test
  void theNamesInAWordCanBeAskedFor() {
    assertEquals(
        List.of("a", "b", "c", "d"),
        Expansion.variablesOf(word("$a '$no' \\$no ${b:-$c}\"$d\""), '\\'));
    assertEquals(List.of("a"), Expansion.variablesOf(word("$a${"), '\\'));
  }

  @ParameterizedTest(name = "2.1 {0}")
  @ValueSource(strings = {"*a*a*a*a*a*a*a*a*a*ab", "*?*?*?*?*?*?*?b", "a?*a?*b"})
  void patternsOfManyStarsTakeNoTime(String pattern) {
    var value = "a".repeat(200_000);
    for (var form : List.of("${v#", "${v##", "${v%", "${v%%")) {
      assertEquals(value, Expansion.expand(word(form + pattern + "}"), _ -> value, '\\'), form);
    }
    assertEquals(value, Expansion.expand(word("${v//" + pattern + "/x}"), _ -> value, '\\'));
  }

  @Test
  void wildcardsDoNotMatchALineEnd() {
    assertEquals("a\nb", Expansion.expand(word("${v#a*b}"), _ -> "a\nb", '\\'));
    assertEquals("x\nx", Expansion.expand(word("${v//a*/x}"), _ -> "ab\nac", '\\'));
    assertEquals("a\nb", Expansion.expand(word("${v#a?}"), _ -> "a\nb", '\\'));
  }

  /// Case 74: nothing but a [BuildFailure], whatever the word.
  @Test
  void deepNestingAndEndlessGrowthEndInAFailure() {
    var deep = "${a:-".repeat(100_000) + "}".repeat(100_000);
    assertThrows(BuildFailure.class, () -> Expansion.expand(word(deep), _ -> null, '\\'));
    Map<String, String> env = new HashMap<>();
    env.put("x", "ha");
    assertThrows(
        BuildFailure.class,
        () -> {
          for (int i = 0; i < 64; i++) {
            env.put("x", Expansion.expand(word("$x$x"), env::get, '\\'));
          }
        });
    var million = "a".repeat(1_000_000);
    assertThrows(
        BuildFailure.class, () -> Expansion.expand(word("${m//a/$m}"), _ -> million, '\\'));
  }

  private static @Nullable String value(String name) {
    return VALUES.get(name);
  }

  private static Word word(String text) {
    return new Word(text, new Source("f", text).span(1, 1, text.length() + 1));
  }

  private static Heredoc document(String body, boolean expand, boolean chomp) {
    return new Heredoc("EOF", body, expand, chomp, -1, word("<<EOF").span());
  }
}
