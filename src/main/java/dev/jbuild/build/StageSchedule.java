package dev.jbuild.build;

import dev.jbuild.failure.ThrownElsewhere;
import dev.jbuild.linux.Workers;
import dev.jbuild.plan.Stage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Runs the stages of the build for one or several platforms side by side, each on a thread of its
/// own as soon as those it needs are done.
///
/// A stage that comes out the same for several platforms, as one that is pinned to the machine's
/// own by `--platform=$BUILDPLATFORM`, is run once.
///
/// (The JDK's futures and executors would do this, too; they are fifty classes, which each start of
/// a build would link.)
final class StageSchedule implements AutoCloseable {

  private final Work work;
  private final Map<Same, Run> runs = new LinkedHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private @Nullable Throwable failure;

  /// Whether nothing more is begun.
  private boolean isStopped;

  /// Takes a stage to its end.
  interface Work {
    StageState run(Workshop shop, Stage stage) throws IOException, InterruptedException;
  }

  /// What makes two stages one: all that is in them, and the very runs they need.
  private record Same(Stage stage, List<Run> needs) {}

  /// One stage, and the plans that it is a stage of.
  private static final class Run {
    private final Workshop shop;
    private final Stage stage;
    private final List<Run> needs;
    private final List<Workshop> wantedBy = new ArrayList<>();
    private boolean isBegun;
    private boolean isFinished;

    Run(Workshop shop, Same same) {
      this.shop = shop;
      this.stage = same.stage;
      this.needs = same.needs;
    }

    boolean isReady() {
      return !isBegun && needs.stream().allMatch(each -> each.isFinished);
    }
  }

  StageSchedule(Work work) {
    this.work = work;
  }

  /// Takes on all stages of a plan; none of them is begun yet.
  void add(Workshop shop) {
    var ofPlan = new HashMap<Integer, Run>();
    for (var stage : shop.plan().stages()) {
      var same = new Same(stage, stage.needs().stream().map(ofPlan::get).toList());
      var run = runs.computeIfAbsent(same, each -> new Run(shop, each));
      run.wantedBy.add(shop);
      ofPlan.put(stage.index(), run);
    }
  }

  /// Runs all stages. When one of them is done its state is known to its plans; the first that
  /// fails stops the others.
  synchronized void await() throws IOException, InterruptedException {
    beginReady();
    while (failure == null && !runs.values().stream().allMatch(each -> each.isFinished)) {
      wait();
    }
    ThrownElsewhere.rethrowInterruptible(failure);
  }

  private synchronized void beginReady() {
    for (var run : runs.values()) {
      if (!isStopped && run.isReady()) {
        run.isBegun = true;
        var name = "stage-" + threads.size();
        var thread = Thread.ofPlatform().name(name).unstarted(() -> take(run));
        threads.add(thread);
        thread.start();
      }
    }
  }

  private void take(Run run) {
    try {
      finish(run, work.run(run.shop, run.stage));
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      fail(e);
    }
  }

  private synchronized void finish(Run run, StageState state) {
    run.wantedBy.forEach(shop -> shop.finish(run.stage.index(), state));
    run.isFinished = true;
    beginReady();
    notifyAll();
  }

  private synchronized void fail(Throwable e) {
    if (failure == null) {
      failure = e;
    }
    isStopped = true;
    notifyAll();
  }

  /// Interrupts what still runs, and waits until it is gone.
  @Override
  public void close() {
    List<Thread> begun;
    synchronized (this) {
      isStopped = true;
      begun = List.copyOf(threads);
    }
    begun.forEach(Thread::interrupt);
    begun.forEach(Workers::join);
  }
}
