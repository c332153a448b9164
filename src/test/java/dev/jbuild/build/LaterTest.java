package dev.jbuild.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What is found out beside the work, as why a step is made.
class LaterTest {

  private static final Duration LONG = Duration.ofSeconds(60);

  /// Stands for a shared cache that does not answer.
  private static String waits(AtomicBoolean interrupted) throws IOException {
    try {
      new CountDownLatch(1).await();
      return "answered";
    } catch (InterruptedException e) {
      interrupted.set(true);
      throw new InterruptedIOException("interrupted");
    }
  }

  @Test
  void itIsToldWhenItIsKnown() throws IOException, InterruptedException {
    try (var reason = Later.beside("reason", () -> "f changed")) {
      assertEquals("f changed", reason.get());
      assertEquals("f changed", reason.get());
    }
  }

  @Test
  void whatItFailsWithIsThrownAsItIs() {
    var failure = new IOException("gone");
    try (var reason =
        Later.beside(
            "reason",
            () -> {
              throw failure;
            })) {
      assertSame(failure, assertThrows(IOException.class, reason::get));
    }
  }

  @Test
  void whatIsFoundWhenAskedIsFoundOnce() throws IOException, InterruptedException {
    var asked = new AtomicInteger();
    try (var _ = Later.whenAsked(asked::incrementAndGet)) {
      assertEquals(0, asked.get());
    }
    try (var once = Later.whenAsked(asked::incrementAndGet)) {
      assertEquals(1, once.get());
      assertEquals(1, once.get());
    }
    assertEquals(1, asked.get());
  }

  @Test
  void whoWaitsForItsEndIsToldNothing() {
    var ended = new AtomicInteger();
    Later.beside(
            "records",
            () -> {
              ended.incrementAndGet();
              throw new IOException("the disk is full");
            })
        .await();
    assertEquals(1, ended.get());
  }

  @Test
  void closingWaitsForNoAnswer() {
    var interrupted = new AtomicBoolean();
    assertTimeoutPreemptively(LONG, () -> Later.beside("reason", () -> waits(interrupted)).close());
    assertTrue(interrupted.get());
    assertFalse(Thread.interrupted());
  }

  @Test
  void whoWaitsForItCanBeInterrupted() {
    var interrupted = new AtomicBoolean();
    assertTimeoutPreemptively(
        LONG,
        () -> {
          try (var reason = Later.beside("reason", () -> waits(interrupted))) {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, reason::get);
          }
        });
    assertTrue(interrupted.get());
  }

  /// A step whose making fails before its reason is known is counted all the same.
  @Test
  void aStepIsCountedBeforeItIsKnownWhyItIsMade() {
    var tally = new Tally();
    var first = new Tally.Position(0, 0, 1);
    tally.miss(first, "");
    assertEquals(1, tally.steps());
    assertEquals(Optional.empty(), tally.firstRebuilt());
    tally.miss(new Tally.Position(0, 0, 2), "");
    tally.explain(first, "stage-0 1: f changed");
    assertEquals(2, tally.steps());
    assertEquals(0, tally.cachedSteps());
    assertEquals(Optional.of("stage-0 1: f changed"), tally.firstRebuilt());
  }
}
