package dev.jbuild.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PlainProgressTest {

  private static final BuildEvent.Step MAKE = new BuildEvent.Step("build 1", "RUN make");
  private static final BuildEvent.Step COPY = new BuildEvent.Step("build 2", "COPY . /src");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Progress progress = new PlainProgress(new Console(out, err, false, false, () -> 0));

  private void output(BuildEvent.Step step, String text) {
    progress.on(new BuildEvent.Output(step, text.getBytes(StandardCharsets.UTF_8)));
  }

  private void finished(BuildEvent.Step step, BuildEvent.Outcome outcome, String note) {
    progress.on(new BuildEvent.Finished(step, outcome, Duration.ofMillis(240), note));
  }

  private String printed() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void everyLineSaysOfWhichStepItIs() {
    progress.on(new BuildEvent.Started(MAKE));
    output(MAKE, "compi");
    output(COPY, "other\n");
    output(MAKE, "ling\nlink");
    finished(MAKE, BuildEvent.Outcome.DONE, "");

    assertEquals(
        """
        build 1  RUN make
        build 2  | other
        build 1  | compiling
        build 1  | link
        build 1  done  0.2s
        """,
        printed());
  }

  @Test
  void aStepThatWaitsSaysWhomFor() {
    progress.on(new BuildEvent.Waiting(MAKE, "for the cache \"go\", which is in use"));

    assertEquals("build 1  waits for the cache \"go\", which is in use\n", printed());
  }

  @Test
  void manyFilesAreToldOfNowAndThen() { // case 138
    for (long files = 1000; files <= 1_000_000; files += 1000) {
      progress.on(new BuildEvent.Looked(COPY, files, 0));
    }
    for (long files = 1000; files <= 1_000_000; files += 1000) {
      progress.on(new BuildEvent.Looked(COPY, 1_000_000, files));
    }
    assertEquals(
        """
        build 2  100,000 files found
        build 2  200,000 files found
        build 2  400,000 files found
        build 2  800,000 files found
        build 2  600,000 of 1,000,000 files read
        """,
        printed());
  }

  @Test
  void aCachedStepSaysWhatItWas() {
    finished(COPY, BuildEvent.Outcome.CACHED, "");
    finished(MAKE, BuildEvent.Outcome.DONE, "3 of 214 files changed");

    assertEquals(
        """
        build 2  COPY . /src  cached  0.2s
        build 1  done  3 of 214 files changed  0.2s
        """,
        printed());
  }

  /// Reliability case 85: output cannot look like a line of jbuild's.
  @Test
  void outputCannotForgeALine() {
    output(MAKE, "x\rbuild 1  done\n\u001b[1A\u001b[2Kbuild 1  done\n");

    assertEquals("build 1  | build 1  done\nbuild 1  | build 1  done\n", printed());
  }

  /// Reliability case 103.
  @Test
  void outputAfterTheEndOfItsStepIsStillOutput() {
    finished(MAKE, BuildEvent.Outcome.DONE, "");
    output(MAKE, "late\n");

    assertEquals("build 1  done  0.2s\nbuild 1  | late\n", printed());
  }

  @Test
  void warningsAreLinesToo() {
    progress.on(new BuildEvent.Warning("the clock is wrong"));

    assertEquals("warning: the clock is wrong\n", printed());
    assertEquals(0, out.size());
  }
}
