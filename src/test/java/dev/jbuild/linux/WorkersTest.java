package dev.jbuild.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Threads that share a piece of work.
class WorkersTest {

  private final List<Thread> made = new ArrayList<>();
  private final AtomicInteger ran = new AtomicInteger();

  /// A kernel that gives as many threads as `allowed`, and says so as the JDK does.
  private ThreadFactory kernel(int allowed) {
    return work -> {
      boolean isAllowed = made.size() < allowed;
      var thread =
          new Thread(work) {
            @Override
            public void start() {
              if (!isAllowed) {
                throw new OutOfMemoryError("unable to create native thread");
              }
              super.start();
            }
          };
      made.add(thread);
      return thread;
    };
  }

  @AfterEach
  void allHaveEnded() {
    made.forEach(thread -> assertTrue(!thread.isAlive()));
  }

  @Test
  void thoseThatTheKernelGivesDoTheWork() {
    for (int allowed = 3; allowed >= 0; allowed--) {
      ran.set(0);
      made.clear();
      run(allowed);
      assertEquals(allowed + 1, ran.get());
    }
  }

  private void run(int allowed) {
    try {
      Workers.run(3, kernel(allowed), ran::incrementAndGet);
    } catch (OutOfMemoryError e) { // JUnit would end with it
      throw new AssertionError(e);
    }
  }

  @Test
  void theOthersAreWaitedForWhenThisOneFails() {
    var failed = new CountDownLatch(1);
    var caller = Thread.currentThread();
    assertThrows(
        IllegalStateException.class,
        () ->
            Workers.run(
                2,
                kernel(2),
                () -> {
                  if (Thread.currentThread() == caller) {
                    failed.countDown();
                    throw new IllegalStateException();
                  }
                  try {
                    failed.await();
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                  ran.incrementAndGet();
                }));
    assertEquals(2, ran.get());
  }
}
