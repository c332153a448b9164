package dev.jbuild.build;

import dev.jbuild.failure.ThrownElsewhere;
import dev.jbuild.linux.Workers;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What is needed only later in a step, found out on a thread of its own, since it takes as long
/// as a part of the step. Closing waits for that thread.
///
/// @param <T> what is found out
final class Later<T> implements AutoCloseable {

  /// Finds it out.
  @FunctionalInterface
  interface Source<T> {
    T find() throws IOException, InterruptedException;
  }

  private final @Nullable Thread thread;

  /// Let go of once it was asked: it may hold much.
  private @Nullable Source<T> source;

  private @Nullable T found;
  private @Nullable Throwable failure;

  private Later(@Nullable String thread, Source<T> source) {
    this.source = source;
    this.thread = thread == null ? null : Workers.beside(thread, this::find);
  }

  /// Begins at once.
  ///
  /// @param thread its name
  static <T> Later<T> beside(String thread, Source<T> source) {
    return new Later<>(thread, source);
  }

  /// What takes no time: found when it is asked for, if it is.
  static <T> Later<T> whenAsked(Source<T> source) {
    return new Later<>(null, source);
  }

  private void find() {
    var asked = source;
    if (asked == null) {
      return;
    }
    try {
      found = asked.find();
    } catch (Throwable e) { // whatever it is, who waits gets it
      failure = e;
    }
    source = null;
  }

  /// What was found, when it is.
  T get() throws IOException, InterruptedException {
    if (thread == null) {
      find();
    } else {
      thread.join();
    }
    ThrownElsewhere.rethrowInterruptible(failure);
    var value = found;
    if (value == null) {
      throw new IllegalStateException("nothing was found");
    }
    return value;
  }

  /// Waits until it is found, or cannot be, for who does not need to know which.
  void await() {
    if (thread == null) {
      find();
    } else {
      Workers.join(thread);
    }
  }

  /// Asks the thread to give up.
  void interrupt() {
    if (thread != null) {
      thread.interrupt();
    }
  }

  @Override
  public void close() {
    if (thread != null) {
      interrupt();
      Workers.join(thread);
    }
  }
}
