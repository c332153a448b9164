package dev.jbuild.context;

import java.util.ArrayList;

/// A few platform threads that do the same piece of work beside the calling one. (File-system calls
/// pin a virtual thread's carrier, of which there may be two.)
final class Workers {

  private static final int MOST = 4;

  private Workers() {}

  /// How many threads do what there is to do, the calling one included.
  static int count() {
    return Math.min(MOST, Math.max(1, Runtime.getRuntime().availableProcessors()));
  }

  /// Runs `work` on `others` new threads and on this one, and waits for all. What `work` throws on
  /// another thread is lost; it keeps its own account of failures.
  static void run(int others, Runnable work) {
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < others; i++) {
      threads.add(Thread.ofPlatform().daemon().name("context-" + i).start(work));
    }
    try {
      work.run();
    } finally {
      boolean interrupted = false;
      for (var thread : threads) {
        while (thread.isAlive()) {
          try {
            thread.join();
          } catch (InterruptedException e) {
            interrupted = true;
          }
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
