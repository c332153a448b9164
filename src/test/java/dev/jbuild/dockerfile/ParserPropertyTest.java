package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.Campaign;
import dev.jbuild.dockerfile.Instruction.OnBuild;
import dev.jbuild.dockerfile.Instruction.Transfer;
import dev.jbuild.dockerfile.Part.Statement;
import dev.jbuild.dockerfile.Wording.Form;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Utf8;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Case 74: whatever the text is, the parser reads it or says what is wrong, and never changes it.
class ParserPropertyTest {

  @Test
  void goodFilesAreRead() {
    Campaign.run("good Dockerfiles", 3_000, ParserPropertyTest::isRead);
  }

  @Test
  void anyTextIsReadOrRefused() {
    Campaign.run("any text", 8_000, random -> check(RandomDockerfile.any(random)));
  }

  private static void isRead(Random random) {
    var good = RandomDockerfile.good(random);
    try {
      var file = Dockerfiles.parse(good.text());
      var keywords =
          file.parts().stream()
              .filter(Statement.class::isInstance)
              .map(part -> ((Statement) part).keyword().text().toUpperCase(Locale.ROOT))
              .toList();
      assertEquals(good.keywords(), keywords, good.text());
      check(file, good.text());
    } catch (BuildFailure failure) {
      throw new AssertionError(Dockerfiles.shown(failure) + "\n" + good.text(), failure);
    }
  }

  private static void check(String text) {
    try {
      check(Dockerfiles.parse(text), text);
    } catch (BuildFailure failure) {
      checkFailure(failure, text);
    }
    trigger(text);
  }

  private static void trigger(String text) {
    try {
      Dockerfile.parseTrigger(new Source("trigger", text));
    } catch (BuildFailure failure) {
      checkFailure(failure, text);
    }
  }

  private static void checkFailure(BuildFailure failure, String text) {
    assertEquals(BuildFailure.Kind.DOCKERFILE, failure.kind(), text);
    assertTrue(failure.where().isPresent() && failure.hint().isPresent(), text);
    assertTrue(failure.message().chars().noneMatch(c -> c < ' '), text);
  }

  private static void check(Dockerfile file, String text) {
    assertEquals(text, file.print());
    assertEquals(text, Utf8.decode(Utf8.encode(file.print())));
    int next = 1;
    for (var part : file.parts()) {
      assertEquals(next, part.firstLine(), text);
      next = part.lastLine() + 1;
      if (part instanceof Statement statement) {
        checkStatement(file, statement, text);
      }
    }
    assertEquals(file.source().lineCount() + 1, next, text);
  }

  private static void checkStatement(Dockerfile file, Statement statement, String text) {
    var wording = file.wording(statement);
    checkWording(wording, file.escape(), text);
    switch (statement.instruction()) {
      case Transfer transfer -> {
        int operands = transfer.sources().size() + transfer.heredocs().size() + 1;
        assertEquals(operands, wording.arguments().size(), text);
        transfer.heredocs().forEach(each -> expand(() -> Expansion.expandBody(each, _ -> "x")));
      }
      case OnBuild onBuild -> trigger(onBuild.trigger());
      default -> {}
    }
  }

  private static void checkWording(Wording wording, char escape, String text) {
    checkWord(wording.keyword(), text);
    for (var flag : wording.flags()) {
      assertTrue(written(new Word("", flag.span())).startsWith("-"), text);
    }
    for (var argument : wording.arguments()) {
      if (wording.form() != Form.EXEC && wording.form() != Form.JSON) {
        checkWord(argument.word(), text);
        argument.name().ifPresent(name -> checkWord(name, text));
        argument.value().ifPresent(value -> checkWord(value, text));
      }
      expand(() -> Expansion.expand(argument.word(), ParserPropertyTest::value, escape));
      expand(() -> Expansion.expandWords(argument.word(), ParserPropertyTest::value, escape));
    }
    for (var document : wording.heredocs()) {
      var source = document.content().source();
      int from = document.content().line();
      int to = document.content().endLine() - 1;
      assertEquals(from > to ? "" : source.lines(from, to), document.heredoc().body(), text);
      var last = source.line(document.terminator().line()).replaceFirst("^\t+", "");
      assertEquals(document.heredoc().name().replaceFirst("^\t+", ""), last, text);
    }
    wording.trigger().ifPresent(inner -> checkWording(inner, escape, text));
  }

  /// A word stands where it says, if it is on one line.
  private static void checkWord(Word word, String text) {
    var span = word.span();
    if (span.line() == span.endLine() && span.endColumn() - span.column() == word.text().length()) {
      assertEquals(word.text(), written(word), text);
    }
    assertTrue(
        word.text().isEmpty() || written(word).startsWith(word.text().substring(0, 1)), text);
  }

  /// What stands in the file from the begin of the word to the end of it or of the line.
  private static String written(Word word) {
    var span = word.span();
    var line = span.source().line(span.line());
    int end = span.line() == span.endLine() ? span.endColumn() - 1 : line.length();
    return line.substring(span.column() - 1, end);
  }

  private static @org.jspecify.annotations.Nullable String value(String name) {
    return name.equals("a") ? "v*" : null;
  }

  private static void expand(Runnable work) {
    try {
      work.run();
    } catch (BuildFailure failure) {
      assertTrue(failure.where().isPresent() && failure.hint().isPresent());
    }
  }
}
