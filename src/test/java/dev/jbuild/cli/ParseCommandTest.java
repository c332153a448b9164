package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `jbuild parse`, as a script uses it. docs/parse.md describes what is held here.
class ParseCommandTest {

  private static final String TEXT =
      """
      \uFEFF# escape=`

      # the base
      FROM a:1 AS b
      ENV n="\u00e9 \uD83D\uDE00" `
       # c
       m=2
      ONBUILD COPY <<E /x
      hi
      E
      """
          .replace("\n", "\r\n");

  @TempDir Path directory;

  private Jbuild run(String... words) {
    return new Jbuild(directory.resolve("store")).run(words);
  }

  private Path dockerfile(byte[] text) throws IOException {
    return Files.write(directory.resolve("Dockerfile"), text);
  }

  private JsonNode parsed(byte[] text) throws IOException {
    var run = run("parse", dockerfile(text).toString());
    assertEquals(0, run.code(), run.err());
    return new ObjectMapper().readTree(run.bytes());
  }

  @Test
  void theDocumentHasTheNamesThatAreDescribed() throws IOException {
    var file = parsed(TEXT.getBytes(StandardCharsets.UTF_8));
    assertEquals("[version, file, escape, directives, instructions]", names(file));
    assertEquals(1, file.at("/version").asInt());
    assertTrue(file.at("/file").asText().endsWith("/Dockerfile"));
    assertEquals("`", file.at("/escape").asText());
    assertEquals("[name, value, position, valuePosition]", names(file.at("/directives/0")));
    assertEquals("[1,2,1,12]", place(file.at("/directives/0/position")));

    var from = file.at("/instructions/0");
    assertEquals(
        "[instruction, keyword, flags, form, arguments, heredocs, comments, startLine, endLine,"
            + " position, text]",
        names(from));
    assertEquals("FROM", from.at("/instruction").asText());
    assertEquals("the base", from.at("/comments/0/text").asText());
    assertEquals("FROM a:1 AS b\r\n", from.at("/text").asText());

    var env = file.at("/instructions/1");
    assertEquals(5, env.at("/startLine").asInt());
    assertEquals(7, env.at("/endLine").asInt());
    assertEquals("m", env.at("/arguments/1/name/text").asText());
    assertEquals("[7,2,7,5]", place(env.at("/arguments/1/position")));
    assertEquals("[5,7,5,13]", place(env.at("/arguments/0/value/position")));

    var trigger = file.at("/instructions/2/trigger");
    assertEquals("[instruction, keyword, flags, form, arguments, heredocs]", names(trigger));
    assertEquals(
        "[name, content, expand, chomp, position, contentPosition, terminatorPosition]",
        names(trigger.at("/heredocs/0")));
    assertEquals("hi\r\n", trigger.at("/heredocs/0/content").asText());
    assertEquals("[9,1,10,1]", place(trigger.at("/heredocs/0/contentPosition")));
  }

  @Test
  void theTextComesBackByteForByte() throws IOException {
    byte[] latin =
        "FROM x\r\n\rLABEL a=\u00e9\u00ff \n\n#\u00fe".getBytes(StandardCharsets.ISO_8859_1);
    for (byte[] text : new byte[][] {TEXT.getBytes(StandardCharsets.UTF_8), latin}) {
      var file = dockerfile(text).toString();
      assertArrayEquals(text, run("parse", "--format", "dockerfile", file).bytes());
      assertArrayEquals(text, run("parse", "--format=dockerfile", directory.toString()).bytes());
      assertArrayEquals(text, run("parse", "-f", file, "--format=dockerfile").bytes());
    }
  }

  @Test
  void bytesThatAreNotUtf8AreGivenBesideTheText() throws IOException {
    byte[] text = {'F', 'R', 'O', 'M', ' ', 'x', (byte) 0xE9, '\n'};
    var from = parsed(text).at("/instructions/0");
    assertEquals("FROM x\uFFFD\n", from.at("/text").asText());
    assertArrayEquals(text, Base64.getDecoder().decode(from.at("/bytes").asText()));
    assertFalse(
        parsed("FROM \u00e9\n".getBytes(StandardCharsets.UTF_8))
            .at("/instructions/0")
            .has("bytes"));
  }

  /// Case 85: a terminal that shows the document is not moved by it.
  @Test
  void controlCharactersAreEscaped() throws IOException {
    var run =
        run(
            "parse",
            dockerfile("FROM x\u001b[2J\u202e\u009b\n".getBytes(StandardCharsets.UTF_8))
                .toString());
    assertEquals(0, run.code(), run.err());
    assertFalse(run.out().chars().anyMatch(c -> c != '\n' && (c < 0x20 || c > 0x7E)), run.out());
  }

  @Test
  void mistakesAreToldAsBuildTellsThem() throws IOException {
    var run =
        run("parse", dockerfile("FROM x\nCOPPY a b\n".getBytes(StandardCharsets.UTF_8)).toString());
    assertEquals(3, run.code());
    assertEquals("", run.out());
    assertTrue(run.err().contains("Dockerfile:2:1: unknown instruction COPPY"), run.err());
    assertEquals(3, run("parse", directory.resolve("none").toString()).code());
    assertEquals(2, run("parse", "--format", "xml", directory.toString()).code());
    assertEquals(2, run("parse", "-f", "a", "b").code());
    assertEquals(2, run("parse", "a", "b").code());
  }

  @Test
  void noStoreIsMade() throws IOException {
    parsed("FROM x\n".getBytes(StandardCharsets.UTF_8));
    assertFalse(Files.exists(directory.resolve("store")));
  }

  private static String names(JsonNode node) {
    var names = new java.util.ArrayList<String>();
    node.fieldNames().forEachRemaining(names::add);
    return names.toString();
  }

  private static String place(JsonNode node) {
    assertEquals("[line, column, endLine, endColumn]", names(node));
    return "[%d,%d,%d,%d]"
        .formatted(
            node.at("/line").asInt(),
            node.at("/column").asInt(),
            node.at("/endLine").asInt(),
            node.at("/endColumn").asInt());
  }
}
