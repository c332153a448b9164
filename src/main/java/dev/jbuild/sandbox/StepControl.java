package dev.jbuild.sandbox;

import dev.jbuild.linux.WindowSize;
import java.io.IOException;
import java.util.Optional;

/// A hand on a step while it runs; before and after it there is nobody to signal. For one step at
/// a time. Safe for use by many threads.
public final class StepControl {

  private Optional<StepRun> step = Optional.empty(); // guarded by this
  private Optional<WindowSize> size = Optional.empty(); // the last that was told; guarded by this

  /// Sends a signal to the step's first process. The kernel keeps from a first process what would
  /// end it and it does not handle, as if it were the machine's own init; a signal that would have
  /// ended it elsewhere ends the step here too.
  ///
  /// @param number of the signal, as kill(1) has it
  /// @return whether there is a step
  public synchronized boolean signal(int number) throws IOException {
    if (step.isPresent()) {
      step.get().signal(number);
    }
    return step.isPresent();
  }

  /// Tells the step's terminal how large it is now.
  public synchronized void resize(WindowSize now) throws IOException {
    size = Optional.of(now);
    if (step.isPresent()) {
      step.get().resize(now);
    }
  }

  synchronized void hold(StepRun running) throws IOException {
    step = Optional.of(running);
    if (size.isPresent()) {
      running.resize(size.get());
    }
  }

  synchronized void letGo() {
    step = Optional.empty();
  }
}
