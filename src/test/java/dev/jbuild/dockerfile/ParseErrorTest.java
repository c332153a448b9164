package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What is wrong with a Dockerfile, as its author reads it.
class ParseErrorTest {

  private static final String CASES = "src/test/resources/dev/jbuild/dockerfile/errors.txt";

  private record Case(String name, String text, String expected) {}

  /// Cases are in `errors.txt`: a file between `--- name` and `===`, then what is said about it.
  /// `-Dgolden=update` writes down what is said now.
  @TestFactory
  List<DynamicTest> aMistakeIsShown() throws IOException {
    var cases = cases();
    assertEquals(true, cases.size() > 50, "cases were found");
    if ("update".equals(System.getProperty("golden"))) {
      var updated = new StringBuilder();
      for (var c : cases) {
        updated.append("--- ").append(c.name()).append('\n').append(c.text());
        updated.append("\n===\n").append(Dockerfiles.failure(c.text())).append('\n');
      }
      Files.writeString(Path.of(CASES), updated);
      return List.of();
    }
    return cases.stream()
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.name(), () -> assertEquals(c.expected(), Dockerfiles.failure(c.text()))))
        .toList();
  }

  private static List<Case> cases() throws IOException {
    var cases = new ArrayList<Case>();
    for (var chunk : Files.readString(Path.of(CASES)).split("(?m)^--- ", -1)) {
      if (!chunk.isBlank()) {
        var name = chunk.substring(0, chunk.indexOf('\n'));
        var parts = chunk.substring(name.length() + 1).split("\n===\n", 2);
        cases.add(new Case(name, parts[0], parts[1].stripTrailing()));
      }
    }
    return cases;
  }

  /// Case 76: a Dockerfile that is a link to a secret; nothing of it is shown.
  @Test
  void aFileThatIsNoDockerfileIsNotShown() {
    for (var secret :
        List.of(
            "root:$6$salt$hash:19000::",
            "hunter2",
            "hunter2 --'x",
            "-----BEGIN KEY-----",
            "{}",
            "PATH=/bin\0TOKEN=hunter2\0")) {
      var failure =
          assertThrows(BuildFailure.class, () -> Dockerfiles.parse("\n# x\n" + secret + "\nb\n"));
      assertEquals("Dockerfile:3:1", failure.where().orElseThrow().toString());
      assertEquals("", failure.where().orElseThrow().source().text());
      assertEquals(false, (failure.message() + failure.hint()).contains(secret), secret);
    }
  }

  @Test
  void otherEncodingsAndBinaryFilesAreRefused() {
    assertEquals("the Dockerfile is written in UTF-16", message("\uDCFF\uDCFEF\0R\0O\0M\0 \0x\0"));
    assertEquals("a line holds a NUL character", message("FROM x\nRUN a\0b"));
    assertEquals(
        "CMD has a NUL character, which no argument can hold",
        message("FROM x\nCMD [\"\\u0000\"]"));
    assertEquals("RUN has a NUL character in a here-document", message("FROM x\nRUN <<A\n\0\nA"));
  }

  @Test
  void aFileWithoutInstructionsIsRefused() {
    assertEquals("the Dockerfile is empty", message(""));
    assertEquals("the Dockerfile is empty", message("\uFEFF"));
    assertEquals("the Dockerfile holds no instructions", message("\n \n# a\n"));
    assertEquals("the Dockerfile has no FROM", message("ARG a\n"));
  }

  @Test
  void messagesHoldNoControlCharacters() {
    var failure =
        assertThrows(BuildFailure.class, () -> Dockerfiles.parse("FROM x\n\u001b[2J\u202e x"));
    assertEquals("unknown instruction \\x1b[2J\\" + "u{202e}", failure.message());
  }

  @Test
  void aMistakeInATriggerIsShownToo() {
    var failure =
        assertThrows(
            BuildFailure.class,
            () -> Dockerfile.parseTrigger(new Source("trigger 1 of base:1", "COPY x")));
    assertEquals("trigger 1 of base:1:1:6", failure.where().orElseThrow().toString());
  }

  private static String message(String text) {
    return assertThrows(BuildFailure.class, () -> Dockerfiles.parse(text)).message();
  }
}
