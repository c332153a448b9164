package dev.jbuild.http;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/// Tries what may pass by itself a few times, with growing pauses.
///
/// A server that says how long to wait is obeyed, up to half a minute. A pause is up to a quarter
/// longer than it must be, so that clients that failed together do not come back together.
public final class Retry {

  private static final List<Duration> PAUSES =
      List.of(Duration.ofMillis(500), Duration.ofSeconds(2), Duration.ofSeconds(5));
  private static final Duration LONGEST = Duration.ofSeconds(30);

  /// How a thread waits.
  public interface Pause {
    void sleep(Duration time) throws InterruptedException;
  }

  /// Something that may be tried again.
  public interface Attempt<T> {
    T run() throws IOException, InterruptedException;
  }

  private final Pause pause;
  private final DoubleSupplier jitter;

  public Retry() {
    this(Thread::sleep, () -> ThreadLocalRandom.current().nextDouble(0.25));
  }

  /// @param jitter the part by which a pause is longer, asked for each
  public Retry(Pause pause, DoubleSupplier jitter) {
    this.pause = pause;
    this.jitter = jitter;
  }

  /// How often something is tried at most.
  public static int mostAttempts() {
    return PAUSES.size() + 1;
  }

  /// The first result of `attempt`.
  ///
  /// @throws PassingException the last one, when all attempts failed
  public <T> T run(Attempt<T> attempt) throws IOException, InterruptedException {
    for (int tries = 0; ; tries++) {
      try {
        return attempt.run();
      } catch (PassingException e) {
        if (tries == PAUSES.size()) {
          throw e;
        }
        pause(tries, e);
      }
    }
  }

  /// Waits before the next attempt.
  ///
  /// @param failures how many there were before this one, without any success between them
  public void pause(int failures, PassingException failure) throws InterruptedException {
    pause.sleep(length(PAUSES.get(Math.min(failures, PAUSES.size() - 1)), failure.wanted()));
  }

  private Duration length(Duration usual, Optional<Duration> wanted) {
    var least = wanted.filter(wait -> wait.compareTo(LONGEST) <= 0).orElse(usual);
    if (wanted.isPresent() && wanted.get().compareTo(LONGEST) > 0) {
      least = LONGEST;
    }
    return least.plusNanos((long) (least.toNanos() * jitter.getAsDouble()));
  }
}
