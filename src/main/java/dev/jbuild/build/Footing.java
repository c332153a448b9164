package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/// What a RUN stands on, and where its log is until that is known.
sealed interface Footing extends RunLayer.Ground {

  /// Brings the log to its place, once.
  void keepLog();

  /// What is below is in the store.
  record Settled(StageRunner runner) implements Footing {
    @Override
    public StepRoot root(StepRoots roots) throws IOException {
      return roots.prepare(runner.state().diffIds());
    }

    @Override
    public void waitForBelow(StepRoot root) {}

    @Override
    public void keepLog() {} // it is there
  }

  /// What is below is being written.
  final class Ahead implements Footing {
    private final RunSteps steps;
    private final StageRunner runner;
    private final Workshop shop;
    private final LateLayer writing;
    private final StepAttempt attempt;
    private final StepInputs inputs;
    private final Digest name;
    private @Nullable Digest key;
    private @Nullable Path log;

    /// @param inputs all that goes into the step but what is below
    /// @param name of the step as long as its key is not known
    Ahead(
        RunSteps steps,
        StageRunner runner,
        Workshop shop,
        LateLayer writing,
        StepAttempt attempt,
        StepInputs inputs,
        Digest name) {
      this.steps = steps;
      this.runner = runner;
      this.shop = shop;
      this.writing = writing;
      this.attempt = attempt;
      this.inputs = inputs;
      this.name = name;
    }

    @Override
    public StepRoot root(StepRoots roots) {
      return writing.takeRoot();
    }

    @Override
    public void waitForBelow(StepRoot root) throws IOException, InterruptedException {
      var layer = writing.await().layer();
      root.settle(layer);
      standOnBelow();
    }

    /// The stage moves on to this step, whose key is known now.
    private void standOnBelow() throws IOException, InterruptedException {
      steps.settleBelow(writing);
      var whole = runner.onWhatIsBelow(inputs);
      key = whole.key();
      attempt.stands(whole, key);
    }

    /// What is below is told first, or why it is not there.
    void tellBelowFirst(Exception failure) throws IOException, InterruptedException {
      if (key != null || !steps.isWriting(writing)) {
        return;
      }
      try {
        standOnBelow();
      } catch (BuildFailure | IOException first) {
        if (!first.equals(failure)) { // it is why the settling failed before
          first.addSuppressed(failure);
        }
        throw first;
      }
    }

    /// The step failed: that is told before the layer below is there.
    void showFailed(String how) {
      attempt.showFailed(how);
      writing.tellWaiting();
    }

    Digest key() {
      var known = key;
      if (known == null) {
        throw new IllegalStateException("the step below is not settled");
      }
      return known;
    }

    /// Where its output goes as long as its key is not known.
    Path log() throws IOException {
      var file = shop.temporary().resolve("log-" + name.hex());
      log = file;
      return file;
    }

    /// No step fails for its log.
    @Override
    public void keepLog() {
      var from = log;
      if (from == null || key == null) {
        return;
      }
      try {
        Files.move(from, shop.notes().logFile(key), StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        runner.warn("the log of a step cannot be kept: " + Printable.of(e.getMessage() + ""));
      }
    }
  }
}
