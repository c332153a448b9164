package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.dockerfile.Instruction.Copy;
import dev.jbuild.dockerfile.Instruction.Env;
import dev.jbuild.dockerfile.Instruction.Run;
import dev.jbuild.failure.BuildFailure;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Case 136: large files take time in proportion to their size. The limit is generous, so that it
/// only fails where something is quadratic.
class LargeFileTest {

  private static final int MANY = 100_000;
  private static final int MILLION = 1_000_000;

  @Test
  void twentyThousandInstructions() {
    var file =
        parse(
            "FROM x\n"
                + "RUN echo hello && echo world, hello all of you out there\n".repeat(20_000));
    assertEquals(20_001, file.instructions().size());
  }

  @Test
  void aHundredThousandLines() {
    assertEquals(MANY + 1, parse("FROM x\n" + "USER a\n".repeat(MANY)).instructions().size());
    assertEquals(MANY + 1, parse("FROM x\r\n" + "USER a\r\n".repeat(MANY)).instructions().size());
    assertEquals(1, parse("FROM x\n" + "# a\n\n".repeat(MANY)).instructions().size());
  }

  @Test
  void bytesThatAreNoTextAndLoneCarriageReturns() {
    var file = parse("FROM x\nLABEL a=" + "\uDCE9\uDCFF".repeat(MILLION / 2));
    assertEquals(2, file.instructions().size());
    assertEquals(MANY, ((Copy) last("COPY ", "a\r", "/x", MANY)).sources().size());
    assertThrows(BuildFailure.class, () -> parse("FROM x\rUSER a\r".repeat(MANY)));
    assertThrows(BuildFailure.class, () -> parse("FROM x\nRUN " + "\0".repeat(MILLION)));
  }

  @Test
  void theWordsOfALargeFile() {
    var file = parse("FROM x\nENV" + " a=\"b c\" \\\n".repeat(MANY) + " c=d\n");
    var wording =
        Assertions.assertTimeout(
            Duration.ofSeconds(10), () -> file.wording((Part.Statement) file.parts().getLast()));
    assertEquals(MANY + 1, wording.arguments().size());
  }

  @Test
  void aHundredThousandContinuations() {
    var run = (Run) parse("FROM x\nRUN a" + " \\\n# c\n\n b".repeat(MANY)).instructions().getLast();
    assertEquals(1 + 3 * MANY, run.script().length());
  }

  @Test
  void oneLineOfAMillion() {
    assertEquals(MILLION, ((Run) last("RUN ", "a", "", MILLION)).script().length());
    assertEquals(MANY, ((Copy) last("COPY ", "aaa ", "/x", MANY)).sources().size());
    assertEquals(MANY, ((Copy) last("COPY [", "\"a\\n\",", "\"/x\"]", MANY)).sources().size());
    assertEquals(MANY, ((Copy) last("COPY ", "--exclude=a ", "a b", MANY)).excludes().size());
    assertEquals(MANY, ((Env) last("ENV ", "a=\"b c\" ", "", MANY)).pairs().size());
    assertEquals(
        MANY,
        ((Run) last("RUN --mount=", "ro,", "ro a", MANY - 1)).mounts().getFirst().options().size());
  }

  @Test
  void manyHereDocuments() {
    var text = "FROM x\nCOPY " + "<<A ".repeat(20_000) + "/x/\n" + "b\nA\n".repeat(20_000);
    assertEquals(20_000, ((Copy) parse(text).instructions().getLast()).heredocs().size());
    var body = "a\n".repeat(500_000);
    assertEquals(
        body, ((Run) parse("FROM x\nRUN <<A\n" + body + "A").instructions().getLast()).script());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[",
        "[[\"a\"],",
        "{\"a\":",
        "<<",
        "<<A ",
        "\"",
        "'",
        "${",
        "\"${",
        "\\",
        "--",
        "--a ",
        "a=",
        "$(",
        "a\u00a0"
      })
  void nonsenseWithoutEnd(String piece) {
    for (var keyword : new String[] {"RUN ", "COPY ", "ENV ", "ONBUILD RUN ", "FROM ", ""}) {
      Assertions.assertTimeout(
          Duration.ofSeconds(10),
          () -> {
            try {
              Dockerfiles.parse("FROM x\n" + keyword + piece.repeat(MANY));
            } catch (BuildFailure _) {
              // said what is wrong
            }
          });
    }
  }

  @Test
  void aHereDocumentThatNeverEnds() {
    assertThrows(
        BuildFailure.class, () -> Dockerfiles.parse("FROM x\nRUN <<EOF\n" + "EO\n".repeat(MANY)));
  }

  private static Instruction last(String start, String piece, String end, int times) {
    return parse("FROM x\n" + start + piece.repeat(times) + end).instructions().getLast();
  }

  private static Dockerfile parse(String text) {
    var file = Assertions.assertTimeout(Duration.ofSeconds(10), () -> Dockerfiles.parse(text));
    assertEquals(text, file.print());
    return file;
  }
}
