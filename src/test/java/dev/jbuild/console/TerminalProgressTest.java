package dev.jbuild.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// What a person sees is looked up on a [TerminalModel] of a few columns.
class TerminalProgressTest {

  private static final BuildEvent.Step MAKE = new BuildEvent.Step("build 1", "RUN make");
  private static final BuildEvent.Step COPY = new BuildEvent.Step("build 2", "COPY . /src");

  /// How often a frame is looked for, a hundred times a second.
  private static final int LOOKS = 6000;

  private final TerminalModel terminal = new TerminalModel(50);

  private static BuildEvent finished(BuildEvent.Step step, BuildEvent.Outcome outcome) {
    return new BuildEvent.Finished(step, outcome, Duration.ofMillis(1234), "");
  }

  private static BuildEvent output(BuildEvent.Step step, String text) {
    return new BuildEvent.Output(step, text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aRunningStepHasOneLineWithWhatItPrintedLast() throws InterruptedException {
    try (var progress = new TerminalProgress(terminal.console())) {
      progress.on(new BuildEvent.Started(MAKE));
      progress.on(output(MAKE, "first\nsecond\n"));

      var screen = screenWhen(rows -> rows.getFirst().contains("▏ second"));
      assertEquals(1, screen.size(), screen.toString());
      assertTrue(screen.getFirst().startsWith(" build 1  RUN make"), screen.toString());
      assertTrue(screen.getFirst().contains("▏ second"), screen.toString());
      assertTrue(screen.getFirst().endsWith("s …"), screen.toString());
    }
  }

  /// An ADD fetches, and a step waits, before it is known that it has anything to do.
  @Test
  void whatWaitsOrFetchesIsSeenBeforeItIsStarted() throws InterruptedException {
    try (var progress = new TerminalProgress(terminal.console())) {
      progress.on(new BuildEvent.Waiting(MAKE, "for the cache"));
      progress.on(new BuildEvent.Moved(COPY, 2_000_000, -1));

      var screen = screenWhen(rows -> rows.size() == 2);
      assertEquals(2, screen.size(), screen.toString());
      assertTrue(screen.getFirst().contains("▏ waits for"), screen.toString());
      assertTrue(screen.get(1).contains("▏ 2MB"), screen.toString());
      progress.on(new BuildEvent.Looked(COPY, 12_000, 0)); // case 138
      progress.on(new BuildEvent.Waiting(MAKE, "for it"));
      screen = terminal.screen();
      assertTrue(screen.get(1).contains("▏ 12,000 file"), screen.toString());
      progress.on(new BuildEvent.Looked(COPY, 12_345, 3000));
      progress.on(new BuildEvent.Waiting(MAKE, "for it"));
      screen = terminal.screen();
      assertTrue(screen.get(1).contains("▏ 3,000 of 12"), screen.toString());
      progress.on(finished(COPY, BuildEvent.Outcome.CACHED));
      progress.on(finished(MAKE, BuildEvent.Outcome.CACHED));
      assertTrue(terminal.screen().toString().contains("cached"), terminal.screen().toString());
    }
  }

  @Test
  void aProgressBarThatNeverEndsItsLineIsShown() throws InterruptedException {
    try (var progress = new TerminalProgress(terminal.console())) {
      progress.on(new BuildEvent.Started(MAKE));
      progress.on(output(MAKE, "10%\r20%\r"));

      var screen = screenWhen(rows -> rows.getFirst().contains("▏ 20%"));
      assertTrue(screen.getFirst().contains("▏ 20%"), screen.toString());
    }
  }

  @Test
  void finishedStepsStandAboveTheRunningOnes() {
    try (var progress = new TerminalProgress(terminal.console())) {
      progress.on(new BuildEvent.Started(MAKE));
      progress.on(new BuildEvent.Started(COPY));
      progress.on(finished(COPY, BuildEvent.Outcome.DONE));

      var screen = terminal.screen();
      assertEquals(2, screen.size(), screen.toString());
      assertTrue(screen.get(0).startsWith(" build 2  COPY . /src"), screen.toString());
      assertTrue(screen.get(0).endsWith("done         1.2s"), screen.toString());
      assertTrue(screen.get(1).startsWith(" build 1  RUN make"), screen.toString());
    }
  }

  @Test
  void closingLeavesFinishedStepsOnly() {
    try (var progress = new TerminalProgress(terminal.console())) {
      progress.on(finished(COPY, BuildEvent.Outcome.CACHED));
      progress.on(new BuildEvent.Started(MAKE));
    }

    assertEquals(List.of(" build 2  COPY . /src         cached       1.2s"), terminal.screen());
  }

  @Test
  void nothingIsDrawnAfterTheEnd() {
    var progress = new TerminalProgress(terminal.console());
    progress.close();
    int before = terminal.size();

    progress.on(new BuildEvent.Started(MAKE));
    progress.on(output(MAKE, "late\n"));

    assertEquals(before, terminal.size());
  }

  @Test
  void noLineIsWiderThanTheTerminal() throws InterruptedException {
    var wide = new BuildEvent.Step("stage 10", "RUN echo " + "漢字✅".repeat(30));
    for (int columns : new int[] {1, 2, 11, 20, 50, 79}) {
      var narrow = new TerminalModel(columns);
      try (var progress = new TerminalProgress(narrow.console())) {
        progress.on(new BuildEvent.Started(wide));
        int before = narrow.size();
        progress.on(output(wide, "✨ 完成 ".repeat(40) + "\n"));
        awaitMore(narrow, before);
        assertEquals(1, narrow.screen().size(), columns + " columns: " + narrow.screen());
      }
      assertEquals(List.of(), narrow.screen(), columns + " columns");
    }
  }

  @Test
  void aFailedStepShowsTheLastLinesOfItsOutput() {
    var printed = new StringBuilder();
    for (int i = 1; i <= 30; i++) {
      printed.append("line ").append(i).append('\n');
    }
    try (var progress = new TerminalProgress(terminal.console())) {
      progress.on(new BuildEvent.Started(MAKE));
      progress.on(output(MAKE, printed + "no such file"));
      progress.on(finished(MAKE, BuildEvent.Outcome.FAILED));
    }

    var screen = terminal.screen();
    assertEquals("   line 12", screen.getFirst());
    assertEquals("   no such file", screen.get(screen.size() - 2));
    assertTrue(screen.getLast().contains("failed"), screen.toString());
  }

  @Test
  void manyRunningStepsDoNotFillTheTerminal() {
    try (var progress = new TerminalProgress(terminal.console())) {
      for (int i = 0; i < 100; i++) {
        progress.on(new BuildEvent.Started(new BuildEvent.Step("s " + i, "RUN true")));
      }

      var screen = terminal.screen();
      assertEquals(13, screen.size(), screen.toString());
      assertEquals(" and 88 more steps", screen.getLast());
    }
  }

  /// Reliability case 85: what a step prints moves no cursor and forges no line.
  @Test
  void escapesOfAStepDoNotReachTheTerminal() throws InterruptedException {
    try (var progress = new TerminalProgress(terminal.console())) {
      progress.on(new BuildEvent.Started(MAKE));
      int before = terminal.size();
      progress.on(output(MAKE, "\u001b[2J\u001b[1A\u001b]52;c;ZXZpbA==\u0007x\b\u009b2Jy\n"));
      awaitMore(terminal, before);
      progress.on(finished(MAKE, BuildEvent.Outcome.FAILED));
    }

    assertEquals("   x\\x08\\x9b2Jy", terminal.screen().getFirst());
  }

  /// What is on the screen when it is so. Another thread draws it, a few times a second.
  private List<String> screenWhen(Predicate<List<String>> wanted) throws InterruptedException {
    var screen = terminal.screen();
    for (int i = 0; i < LOOKS && !wanted.test(screen); i++) {
      Thread.sleep(10);
      screen = terminal.screen();
    }
    return screen;
  }

  private static void awaitMore(TerminalModel model, int than) throws InterruptedException {
    for (int i = 0; i < LOOKS && model.size() <= than; i++) {
      Thread.sleep(10);
    }
  }
}
