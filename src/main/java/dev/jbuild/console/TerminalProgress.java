package dev.jbuild.console;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/// A build on a terminal: a line for each running step, redrawn in place; finished steps become
/// plain lines above them.
///
/// Drawn in one write, a few times a second, never wider than the terminal: no flicker, no wrapped
/// lines.
public final class TerminalProgress implements Progress {

  private static final long FRAME_NANOS = 100_000_000;
  private static final int OUTCOME_WIDTH = 9;
  private static final int TIME_WIDTH = 6;

  /// What follows the time of a step.
  private static final String RUNNING = " …";

  private static final String NOT_RUNNING = "  ";

  /// How much of a failed step's output is shown.
  private static final int TAIL_LINES = 20;

  /// How many running steps are shown: what is drawn must not be higher than the terminal.
  private static final int MOST_LINES = 12;

  private final Console console;
  private final Map<BuildEvent.Step, Running> running = new LinkedHashMap<>();
  private final Thread painter;
  private int drawn;
  private int drawnWidth;
  private long lastFrame;
  private boolean closed;
  private boolean held;

  private static final class Running {
    final long since = System.nanoTime();
    final StepText text = new StepText();
    final Deque<byte[]> tail = new ArrayDeque<>();
    String last = "";

    /// The newest line that is not blank; a progress bar may be a line that never ends.
    String newest() {
      var rest = StepText.safe(text.rest(), false).strip();
      return rest.isEmpty() ? last : rest;
    }
  }

  public TerminalProgress(Console console) {
    this.console = console;
    this.painter = Thread.ofPlatform().daemon().name("progress").start(this::paint);
  }

  private void paint() {
    try {
      while (true) {
        Thread.sleep(FRAME_NANOS / 1_000_000);
        synchronized (this) {
          if (closed) {
            return;
          }
          if (!held) {
            frame("");
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void on(BuildEvent event) {
    if (closed) {
      return;
    }
    switch (event) {
      case BuildEvent.Started(var step) -> {
        running.put(step, new Running());
        frame("");
      }
      case BuildEvent.Output(var step, var bytes) -> output(step, bytes);
      case BuildEvent.Moved(var step, long bytes, long total) -> {
        var state = running.computeIfAbsent(step, _ -> new Running());
        state.last = Console.size(bytes) + (total < 0 ? "" : " of " + Console.size(total));
      }
      case BuildEvent.Looked looked ->
          running.computeIfAbsent(looked.step(), _ -> new Running()).last = looked.text();
      case BuildEvent.Waiting(var step, var reason) -> {
        running.computeIfAbsent(step, _ -> new Running()).last = "waits " + reason;
        frame("");
      }
      case BuildEvent.Finished finished -> {
        var state = running.remove(finished.step());
        boolean failed = finished.outcome() == BuildEvent.Outcome.FAILED;
        frame((state != null && failed ? tail(state) : "") + finishedLine(finished) + "\n");
      }
      case BuildEvent.Warning(var message) ->
          frame(console.paint("33", "warning: ") + message + "\n");
    }
  }

  private void output(BuildEvent.Step step, byte[] bytes) {
    var state = running.get(step);
    if (state == null) {
      return;
    }
    var lines = state.text.lines(bytes);
    for (var line : lines) {
      keep(state, line);
    }
    for (int i = lines.size() - 1; i >= 0; i--) {
      var line = StepText.safe(lines.get(i), false).strip();
      if (!line.isEmpty()) {
        state.last = line;
        break;
      }
    }
    if (System.nanoTime() - lastFrame > FRAME_NANOS) {
      frame("");
    }
  }

  private static void keep(Running state, byte[] line) {
    state.tail.addLast(line);
    if (state.tail.size() > TAIL_LINES) {
      state.tail.removeFirst();
    }
  }

  /// The last lines that a failed step printed.
  private String tail(Running state) {
    if (state.text.rest().length > 0) {
      keep(state, state.text.rest());
    }
    var out = new StringBuilder();
    for (var line : state.tail) {
      out.append("   ").append(StepText.safe(line, console.hasColours())).append('\n');
    }
    return out.toString();
  }

  /// Replaces what was drawn by `above`, which stays, and the running steps.
  private void frame(String above) {
    lastFrame = System.nanoTime();
    var out = new StringBuilder();
    if (drawn > 0) {
      out.append("\u001b[").append(drawn * rowsOfLine()).append("A\r\u001b[J");
    }
    out.append(above);
    drawn = 0;
    drawnWidth = width();
    for (var each : running.entrySet()) {
      if (drawn == MOST_LINES && running.size() > MOST_LINES + 1) {
        var more = " and " + (running.size() - MOST_LINES) + " more steps";
        out.append(Width.fit(more, drawnWidth)).append('\n');
        drawn++;
        break;
      }
      var took = Duration.ofNanos(lastFrame - each.getValue().since);
      var newest = each.getValue().newest();
      var note = newest.isEmpty() ? "" : "▏ " + newest;
      out.append(line(each.getKey().id(), each.getKey().text(), note, took, RUNNING)).append('\n');
      drawn++;
    }
    console.raw(out.toString());
  }

  /// The rows that a drawn line takes now: a terminal that became narrower has wrapped it.
  private int rowsOfLine() {
    int columns = Math.max(1, console.columns());
    return Math.max(1, (drawnWidth + columns - 1) / columns);
  }

  /// The last column stays free, since some terminals wrap as soon as it is written.
  private int width() {
    return Math.max(1, console.columns() - 1);
  }

  private String finishedLine(BuildEvent.Finished finished) {
    var outcome = finished.outcome().text();
    var note = finished.note().isEmpty() ? outcome : finished.note();
    var step = finished.step();
    var line = line(step.id(), step.text(), note, finished.took(), NOT_RUNNING).stripTrailing();
    return switch (finished.outcome()) {
      case FAILED -> console.paint("31", line);
      case CACHED, IN_STORE, THERE, MOUNTED, CANCELLED -> console.paint("2", line);
      case DONE -> line;
    };
  }

  private String line(String id, String text, String note, Duration took, String tail) {
    int width = width();
    var time = " ".repeat(Math.max(0, TIME_WIDTH - Console.time(took).length()));
    time += Console.time(took) + tail;
    int noteWidth =
        Math.clamp(Width.of(note), OUTCOME_WIDTH, Math.max(OUTCOME_WIDTH, width / 2 - 10));
    int left = width - noteWidth - Width.of(time) - 4;
    var head = Width.fit(" " + pad(id, 8) + " " + text, Math.max(10, left));
    return Width.fit(head + "  " + Width.fit(note, noteWidth) + "  " + time, width);
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - Width.of(text)));
  }

  @Override
  public synchronized void hold() {
    var shown = Map.copyOf(running);
    running.clear();
    frame("");
    running.putAll(shown);
    held = true;
  }

  @Override
  public synchronized void release() {
    held = false;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      running.clear();
      frame("");
      closed = true;
      painter.interrupt();
    }
  }
}
