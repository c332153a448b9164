package dev.jbuild.dockerfile;

import static dev.jbuild.dockerfile.Dockerfiles.instruction;
import static dev.jbuild.dockerfile.Dockerfiles.parse;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.dockerfile.Instruction.Arg;
import dev.jbuild.dockerfile.Instruction.Copy;
import dev.jbuild.dockerfile.Instruction.Env;
import dev.jbuild.dockerfile.Instruction.From;
import dev.jbuild.dockerfile.Instruction.Run;
import dev.jbuild.dockerfile.Part.Statement;
import dev.jbuild.dockerfile.Part.Trivia;
import dev.jbuild.failure.Span;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Where the parts of a file stand: lines and columns of the file itself, whatever was joined.
class PlaceTest {

  @Test
  void wordsBehindContinuationsAreWhereTheyAreWritten() {
    var copy = (Copy) instruction("  COPY --chown=a\\\nb \\\n  # c\n\n  one tw\\\no \\\n /x");
    assertEquals("2:16-3:2", place(copy.chown().orElseThrow().span()));
    assertEquals("6:3-6:6", place(copy.sources().get(0).span()));
    assertEquals("6:7-7:2", place(copy.sources().get(1).span()));
    assertEquals("8:2-8:4", place(copy.destination().span()));
    assertEquals("2:3-8:4", place(copy.span()));
  }

  @Test
  void flagValuesAndMountOptionsAreWhereTheyAreWritten() {
    var run = (Run) instruction("RUN --network=none --mount=type=cache,\\\"target=/x\\\",ro a");
    assertEquals("2:15-2:19", place(run.network().orElseThrow().span()));
    var mount = run.mounts().getFirst();
    assertEquals("2:20-2:55", place(mount.span()));
    assertEquals(
        List.of("2:33-2:38", "2:48-2:50", "2:53-2:55"),
        mount.options().stream().map(option -> place(option.value().span())).toList());
  }

  @Test
  void keysAndValuesAreWhereTheyAreWritten() {
    var env = (Env) instruction("ENV a=\"b c\"  d=");
    assertEquals("2:5-2:6", place(env.pairs().getFirst().key().span()));
    assertEquals("2:7-2:12", place(env.pairs().getFirst().value().span()));
    assertEquals("2:16-2:16", place(env.pairs().getLast().value().span()));
    var old = (Env) instruction("ENV a  b c");
    assertEquals("2:8-2:11", place(old.pairs().getFirst().value().span()));
    var arg = (Arg) instruction("ARG a b=c");
    assertEquals("2:7-2:10", place(arg.declarations().getLast().span()));
    assertEquals("2:9-2:10", place(arg.declarations().getLast().value().orElseThrow().span()));
  }

  @Test
  void jsonElementsAndStageNamesAreWhereTheyAreWritten() {
    var copy = (Copy) instruction("COPY [ \"a\" , \"/b\" ]");
    assertEquals("2:8-2:11", place(copy.sources().getFirst().span()));
    assertEquals("2:14-2:18", place(copy.destination().span()));
    var from = (From) parse("\uFEFFFROM a AS B").instructions().getFirst();
    assertEquals("1:12-1:13", place(from.name().orElseThrow().span()));
  }

  @Test
  void anInstructionEndsBehindItsHereDocuments() {
    var file = parse("FROM x\nRUN a <<A <<B\r\n1\r\nA\r\n2\r\nB\r\nRUN b");
    var run = (Run) file.instructions().get(1);
    assertEquals("2:1-6:2", place(run.span()));
    assertEquals("2:11-2:14", place(run.heredocs().getLast().span()));
    assertEquals("7:1-7:6", place(file.instructions().getLast().span()));
  }

  @Test
  void allLinesArePartsOfTheFile() {
    var text =
        """
        # syntax=a

        # one
        FROM x
        #
        # two
        RUN a \\
        # in

          b

        # three

        # four
        USER x
        """;
    var file = parse(text);
    assertEquals(
        List.of("T1-3", "S4-4", "T5-6", "S7-10", "T11-14", "S15-15"),
        file.parts().stream()
            .map(
                part ->
                    (part instanceof Trivia ? "T" : "S") + part.firstLine() + "-" + part.lastLine())
            .toList());
    var statements =
        file.parts().stream()
            .filter(Statement.class::isInstance)
            .map(Statement.class::cast)
            .toList();
    assertEquals(
        List.of("[one]", "[two]", "[four]"),
        statements.stream()
            .map(s -> s.comments().stream().map(Part.Comment::text).toList().toString())
            .toList());
    assertEquals(List.of(9), statements.get(1).blankLines());
    assertEquals("RUN", statements.get(1).keyword().text());
    assertEquals("6:1-6:6", place(statements.get(1).comments().getFirst().span()));
    assertEquals(text, file.print());
  }

  @Test
  void directivesAndInnerCommentsAreNotCommentsOfAnInstruction() {
    var file = parse("# syntax=a\nFROM x\nRUN a \\\n# b\nc\nRUN d");
    assertEquals(3, file.instructions().size());
    for (var part : file.parts()) {
      if (part instanceof Statement statement) {
        assertEquals(List.of(), statement.comments());
      }
    }
  }

  private static String place(Span span) {
    return span.line() + ":" + span.column() + "-" + span.endLine() + ":" + span.endColumn();
  }
}
