package dev.jbuild;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.opentest4j.AssertionFailedError;

/// Holds a property against many inputs, each made from a seed of its own.
///
/// In the tests there are as many as the test says, and always the same. `-Dfuzz.seconds=N` makes
/// it a campaign: new inputs for so long, then what was found and how many there were.
/// `-Dfuzz.seed=S` tries the one input of seed S again.
public final class Campaign {

  /// Where a campaign stops although it has time left.
  private static final int MOST_FINDINGS = 10;

  /// What holds for every input.
  @FunctionalInterface
  public interface Property {
    /// Makes an input from `random` and throws if the property does not hold for it.
    void check(Random random);
  }

  private final String name;
  private final Property property;
  private final List<String> findings = new ArrayList<>();

  private Campaign(String name, Property property) {
    this.name = name;
    this.property = property;
  }

  /// @param inputs how many there are in a run of the tests
  public static void run(String name, int inputs, Property property) {
    var campaign = new Campaign(name, property);
    Long seed = Long.getLong("fuzz.seed");
    Long seconds = Long.getLong("fuzz.seconds");
    if (seed != null) {
      campaign.check(seed);
    } else if (seconds != null) {
      campaign.runFor(TimeUnit.SECONDS.toNanos(seconds));
    } else {
      for (long each = 0; each < inputs && campaign.findings.isEmpty(); each++) {
        campaign.check(each);
      }
    }
    if (!campaign.findings.isEmpty()) {
      throw new AssertionFailedError(String.join("\n", campaign.findings));
    }
  }

  private void runFor(long nanos) {
    long start = System.nanoTime();
    long first = System.currentTimeMillis() << 20;
    long seed = first;
    while (System.nanoTime() - start < nanos && findings.size() < MOST_FINDINGS) {
      check(seed++);
    }
    System.out.printf(
        "%s: %,d inputs in %d s, seeds from %d, %d findings%n",
        name,
        seed - first,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start),
        first,
        findings.size());
  }

  private void check(long seed) {
    try {
      property.check(new Random(seed * 0x9E3779B97F4A7C15L));
    } catch (RuntimeException | AssertionError | StackOverflowError | OutOfMemoryError e) {
      findings.add(name + ": again with -Dfuzz.seed=" + seed + ": " + e);
    }
  }
}
