package dev.jbuild.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsoleTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Console console = new Console(out, err, false, false, () -> 0);

  private static BuildFailure failure(Source source, int line, int column, int endColumn) {
    return BuildFailure.of(BuildFailure.Kind.DOCKERFILE, "it is wrong")
        .at(source.span(line, column, endColumn));
  }

  private List<String> printed() {
    return err.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void aFailureShowsItsPlaceItsLineAndWhatToDo() {
    var source = new Source("Dockerfile", "FROM scratch\nCOPY traget/app.jar /app/\n");

    console.failure(
        BuildFailure.of(BuildFailure.Kind.DOCKERFILE, "COPY: no file matches \"traget/app.jar\"")
            .at(source.span(2, 6, 20))
            .hint("did you mean target/app.jar?"));

    assertEquals(
        List.of(
            "Dockerfile:2:6: COPY: no file matches \"traget/app.jar\"",
            "   2 | COPY traget/app.jar /app/",
            "            ^^^^^^^^^^^^^^",
            "   did you mean target/app.jar?"),
        printed());
  }

  /// A result may go to a file, however narrow the terminal is and whatever it can show.
  @Test
  void aFindingIsAResultAndNotCutToTheTerminal() {
    var source = new Source("Dockerfile", "FROM scratch\nENV name value of some length\n");

    new Console(out, err, true, true, () -> 25)
        .finding(source.span(2, 1, 30), "Rule: wrong", List.of("mend it", "a page"));

    assertEquals(
        List.of(
            "Dockerfile:2:1: Rule: wrong",
            "   2 | ENV name value of some length",
            "       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
            "   mend it",
            "   a page"),
        out.toString(StandardCharsets.UTF_8).lines().toList());
    assertEquals(List.of(), printed());
  }

  @Test
  void aFailureWithoutAPlaceNamesTheProgram() {
    console.failure(BuildFailure.of(BuildFailure.Kind.STORE, "the disk is full"));

    assertEquals(List.of("jbuild: the disk is full"), printed());
  }

  @Test
  void aHintOfSeveralLinesIsIndentedAsAWhole() {
    console.failure(BuildFailure.of(BuildFailure.Kind.STORE, "no").hint("first\nsecond"));

    assertEquals(List.of("jbuild: no", "   first", "   second"), printed());
  }

  @Test
  void theCaretStandsUnderItsCharacterAfterTabs() {
    console.failure(failure(new Source("f", "\t\tRUN x"), 1, 3, 6));

    assertEquals("   1 |   RUN x", printed().get(1));
    assertEquals("         ^^^", printed().get(2));
  }

  @Test
  void theCaretStandsUnderItsCharacterAfterWideOnes() {
    console.failure(failure(new Source("f", "LABEL 漢字=🎉 x y"), 1, 13, 14));

    assertEquals("   1 | LABEL 漢字=🎉 x y", printed().get(1));
    assertEquals(7 + 6 + 4 + 1 + 2 + 1, printed().get(2).indexOf('^'));
    assertEquals("^", printed().get(2).strip());
  }

  @Test
  void wideCharactersAreUnderlinedAsWideAsTheyAre() {
    console.failure(failure(new Source("f", "RUN 漢字"), 1, 5, 7));

    assertEquals("^^^^", printed().get(2).strip());
  }

  @Test
  void ofALongLineThePartAroundThePlaceIsShown() {
    var line = "RUN " + "a ".repeat(500) + "HERE" + " b".repeat(500);
    int column = line.indexOf("HERE") + 1;

    console.failure(failure(new Source("f", line), 1, column, column + 4));

    var shown = printed().get(1);
    assertTrue(shown.length() <= 7 + 120, shown);
    assertTrue(shown.startsWith("   1 | …") && shown.endsWith("…"), shown);
    assertEquals(shown.indexOf("HERE"), printed().get(2).indexOf('^'));
    assertEquals("^^^^", printed().get(2).strip());
  }

  /// What is allocated stands for the work: none of it may be done again for the whole line.
  @Test
  void manyFindingsOnOneLongLineCostNoMoreThanOnShortOnes() {
    var line = "RUN https://me:secret@example.org " + "$a ".repeat(100_000) + "https://x:y@b";
    var source = new Source("f", line);
    var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    console.finding(source.span(1, 9, 18), "first", List.of());
    long before = thread.getCurrentThreadAllocatedBytes();
    int count = 500;
    for (int i = 0; i < count; i++) {
      int column = line.indexOf("$a") + 3 * i * 150 + 1;
      console.finding(source.span(1, column, column + 2), "unset", List.of());
    }
    long each = (thread.getCurrentThreadAllocatedBytes() - before) / count;
    assertTrue(each < line.length() / 2, each + " bytes for each");
    var shown = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(3 * (count + 1), shown.size());
    assertTrue(shown.get(1).startsWith("   1 | RUN https://*********@example.org $a $a"));
    assertEquals("^^", shown.getLast().strip());
  }

  /// However far from the place an address begins or ends, its password is not shown.
  @Test
  void ofALongLineNoPartOfAPasswordIsShown() {
    var password = "s".repeat(9000);
    var line = "x ".repeat(200) + "https://me:" + password + "@b" + " y".repeat(200);
    for (int column : new int[] {420, 5000, 9400}) {
      console.failure(failure(new Source("f", line), 1, column, column + 1));
    }
    assertFalse(err.toString(StandardCharsets.UTF_8).contains("ss"));
  }

  @Test
  void onATerminalTheExcerptFitsIt() {
    var narrow = new Console(out, err, true, false, () -> 40);
    var line = "RUN " + "🎉".repeat(50) + "HERE" + "🎉".repeat(50);
    int column = line.indexOf("HERE") + 1;

    narrow.failure(failure(new Source("f", line), 1, column, column + 4));

    for (var each : printed()) {
      assertTrue(Width.of(each) < 40, each);
    }
    var before = printed().get(1);
    assertEquals(
        Width.of(before.substring(0, before.indexOf("HERE"))), printed().get(2).indexOf('^'));
  }

  @Test
  void aPlaceBehindTheEndOfItsLineHasACaretToo() {
    console.failure(failure(new Source("f", "FROM"), 1, 5, 5));

    assertEquals("   1 | FROM", printed().get(1));
    assertEquals(7 + 4, printed().get(2).indexOf('^'));
  }

  @Test
  void aPlaceOfSeveralLinesIsUnderlinedToTheEndOfItsFirst() {
    var source = new Source("f", "RUN a \\\n  b\n");
    console.failure(
        BuildFailure.of(BuildFailure.Kind.DOCKERFILE, "no")
            .at(source.span(1, 1, 2).to(source.span(2, 3, 4))));

    assertEquals("^^^^^^^", printed().get(2).strip());
  }

  /// Reliability case 85: the line is a stranger's text.
  @Test
  void escapesInTheLineAreVisibleAndTheCaretKnowsTheirWidth() {
    console.failure(failure(new Source("f", "RUN \u001b[2J x"), 1, 10, 11));

    assertEquals("   1 | RUN \\x1b[2J x", printed().get(1));
    assertEquals(printed().get(1).indexOf('x', 14), printed().get(2).indexOf('^'));
  }

  @Test
  void sizesHaveThreeDigits() {
    assertEquals("0B", Console.size(0));
    assertEquals("999B", Console.size(999));
    assertEquals("1kB", Console.size(1000));
    assertEquals("24.4kB", Console.size(24_400));
    assertEquals("1MB", Console.size(999_500));
    assertEquals("78.1MB", Console.size(78_120_000));
    assertEquals("118MB", Console.size(118_200_000));
    assertEquals("1.2GB", Console.size(1_200_000_000));
    assertEquals("9220PB", Console.size(Long.MAX_VALUE).replaceAll("^922.", "9220"));
  }

  @Test
  void timesAreSecondsOrMinutes() {
    assertEquals("0.0s", Console.time(Duration.ZERO));
    assertEquals("4.1s", Console.time(Duration.ofMillis(4_120)));
    assertEquals("59.9s", Console.time(Duration.ofMillis(59_900)));
    assertEquals("1m00s", Console.time(Duration.ofMillis(59_990)));
    assertEquals("2m03s", Console.time(Duration.ofMillis(123_400)));
    assertEquals("61m05s", Console.time(Duration.ofSeconds(3_665)));
  }

  @Test
  void aFullDiskBehindStandardOutputIsNoticed() {
    var broken =
        new Console(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("no space left on device");
              }
            },
            err,
            false,
            false,
            () -> 0);

    broken.result("lost");

    assertTrue(broken.hasFailed());
  }
}
