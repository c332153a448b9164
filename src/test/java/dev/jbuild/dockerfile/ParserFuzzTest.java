package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.dockerfile.Instruction.Copy;
import dev.jbuild.dockerfile.Instruction.Env;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Span;
import dev.jbuild.failure.Utf8;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Case 74: whatever the text is, the parser reads it or says what is wrong, and never changes it.
/// The seeds are fixed, so a failure comes again.
class ParserFuzzTest {

  private static final List<String> PIECES =
      List.of(
          "FROM x",
          "FROM --platform=$P a:b AS c",
          "RUN",
          "run",
          "COPY",
          "ADD",
          "ENV",
          "LABEL",
          "ARG",
          "CMD",
          "ENTRYPOINT",
          "SHELL",
          "HEALTHCHECK",
          "NONE",
          "ONBUILD",
          "WORKDIR",
          "USER",
          "EXPOSE",
          "VOLUME",
          "STOPSIGNAL",
          "MAINTAINER",
          "--",
          "--mount=",
          "type=cache",
          "type=",
          "target=/",
          "id=",
          "--from=",
          "--link",
          "--interval=1s",
          "=",
          "a",
          "b=c",
          "/x",
          "$",
          "${",
          "}",
          "${a:-b}",
          "$a",
          ":?",
          "#",
          "# escape=`",
          "# syntax=x",
          "#!",
          "%",
          "/",
          "*",
          "\"",
          "'",
          "\\",
          "`",
          "[",
          "]",
          "[\"a\",",
          "\"b\"]",
          "{",
          ",",
          "<<",
          "<<A",
          "<<-\"B\"",
          "A",
          "B",
          "\n",
          "\n",
          "\n",
          "\n",
          "\r\n",
          "\r",
          "\t",
          " ",
          " ",
          " ",
          "\\\n",
          "`\n",
          "\u00a0",
          "é",
          "\uD83D\uDE00",
          "\uD800",
          "\uDC80",
          "\0",
          "\uFEFF",
          "0",
          "99999999999999999999");

  private static final String GOOD =
      """
      # syntax=docker/dockerfile:1
      # a comment
      ARG version=1
      FROM --platform=$BUILDPLATFORM base:${version:-2} AS build

      ENV a=1 b="two words" \\
          # inner
          c='3'
      RUN --mount=type=cache,target=/root/.cache make \\
        && make install
      COPY <<EOF <<-"OTHER" src/ /dst/
      hello $a
      EOF
      \tworld
      \tOTHER
      RUN <<EOF
      echo \\
      EOF
      HEALTHCHECK --interval=5s CMD ["a", "b\\u0041"]
      ONBUILD COPY . /x
      EXPOSE 80 $P
      """;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void anythingIsReadOrRefused(long seed) {
    var random = new Random(seed);
    for (int i = 0; i < 1_200; i++) {
      var text = new StringBuilder(random.nextInt(4) == 0 ? "" : "FROM x\n");
      for (int n = random.nextInt(30); n > 0; n--) {
        text.append(PIECES.get(random.nextInt(PIECES.size())));
      }
      check(text.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void aDamagedFileIsReadOrRefused(long seed) {
    var random = new Random(seed);
    for (int i = 0; i < 1_200; i++) {
      var text = new StringBuilder(GOOD);
      for (int n = random.nextInt(4); n >= 0; n--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(8)));
          case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
          default -> text.insert(at, text.substring(at, Math.min(text.length(), at + 20)));
        }
      }
      check(text.toString());
    }
  }

  @Test
  void anyBytesAreReadOrRefused() {
    var random = new Random(7);
    for (int i = 0; i < 1_200; i++) {
      byte[] bytes = new byte[random.nextInt(60)];
      random.nextBytes(bytes);
      var text = "FROM x\nENV a=" + Utf8.decode(bytes);
      check(text);
      check(Utf8.decode(bytes));
    }
  }

  @Test
  void theGoodFileIsRead() {
    assertEquals(9, Dockerfiles.parse(GOOD).instructions().size());
  }

  private static void check(String text) {
    try {
      var file = Dockerfiles.parse(text);
      assertEquals(text, file.print());
      int next = 1;
      for (var part : file.parts()) {
        assertEquals(next, part.firstLine());
        next = part.lastLine() + 1;
      }
      file.instructions().forEach(instruction -> checkInstruction(instruction, file.escape()));
    } catch (BuildFailure failure) {
      assertEquals(true, failure.where().isPresent() && failure.hint().isPresent(), text);
    }
    try {
      Dockerfile.parseTrigger(new Source("trigger", text));
    } catch (BuildFailure failure) {
      assertEquals(true, failure.where().isPresent() && failure.hint().isPresent(), text);
    }
  }

  private static void checkInstruction(Instruction instruction, char escape) {
    switch (instruction) {
      case Copy copy -> {
        checkWord(copy.destination(), escape);
        copy.sources().forEach(word -> checkWord(word, escape));
        copy.heredocs().forEach(heredoc -> expand(() -> Expansion.expandBody(heredoc, _ -> "x")));
      }
      case Env env ->
          env.pairs()
              .forEach(
                  pair -> {
                    checkWord(pair.key(), escape);
                    checkWord(pair.value(), escape);
                  });
      default -> {}
    }
  }

  /// A word stands where it says; and it can be expanded, or that is refused.
  private static void checkWord(Word word, char escape) {
    Span span = word.span();
    if (span.line() == span.endLine() && !word.text().isEmpty()) {
      var there =
          span.source().line(span.line()).substring(span.column() - 1, span.endColumn() - 1);
      if (there.charAt(0) != '"') { // an element of a JSON array
        assertEquals(word.text(), there);
      }
    }
    Variables variables = name -> name.equals("a") ? "v*" : null;
    expand(() -> Expansion.expand(word, variables, escape));
    expand(() -> Expansion.expandWords(word, variables, escape));
    expand(() -> Expansion.unquote(word, escape));
  }

  private static void expand(Runnable work) {
    try {
      work.run();
    } catch (BuildFailure failure) {
      assertEquals(true, failure.where().isPresent() && failure.hint().isPresent());
    }
  }
}
