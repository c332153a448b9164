package dev.jbuild.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/// A few platform threads that do the same piece of work beside the calling one. (File-system calls
/// pin a virtual thread's carrier, of which there may be two.)
public final class Workers {

  private static final int MOST = 4;

  private Workers() {}

  /// How many threads do what there is to do, the calling one included.
  public static int count() {
    return Math.min(MOST, Math.max(1, Runtime.getRuntime().availableProcessors()));
  }

  /// Runs `work` on `others` new threads and on this one, and waits for all. Where no more threads
  /// are allowed, on as many as there are. What `work` throws on another thread is lost; it keeps
  /// its own account of failures.
  ///
  /// @param name of the threads, each with a number behind
  public static void run(int others, String name, Runnable work) {
    run(others, new Numbered(name), work);
  }

  /// Threads of one name, each with a number behind. (The JDK's own factory makes ready what its
  /// counter needs to be safe for many threads.)
  private static final class Numbered implements ThreadFactory {
    private final String name;
    private int count;

    Numbered(String name) {
      this.name = name;
    }

    @Override
    public Thread newThread(Runnable work) {
      return Thread.ofPlatform().daemon().name(name + "-" + count++).unstarted(work);
    }
  }

  static void run(int others, ThreadFactory threads, Runnable work) {
    var started = new ArrayList<Thread>(others);
    try {
      start(others, threads, work, started);
      work.run();
    } finally {
      started.forEach(Workers::join);
    }
  }

  private static void start(int others, ThreadFactory threads, Runnable work, List<Thread> to) {
    for (int i = 0; i < others; i++) {
      var thread = threads.newThread(work);
      to.add(thread);
      try {
        thread.start();
      } catch (OutOfMemoryError e) {
        return; // so the JDK says that the kernel gives no thread, as with a limit of processes
      }
    }
  }

  /// Runs `work` on a new thread while this one goes on.
  ///
  /// @return the thread; null where no more are allowed, and nothing is done then
  public static @Nullable Thread beside(String name, Runnable work) {
    var thread = Thread.ofPlatform().daemon().name(name).unstarted(work);
    try {
      thread.start();
      return thread;
    } catch (OutOfMemoryError e) {
      return null; // see above
    }
  }

  /// Waits for the end of a thread, also if this one is interrupted.
  public static void join(Thread worker) {
    boolean isInterrupted = Thread.interrupted();
    while (worker.isAlive()) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
