package dev.jbuild.image;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How to see whether a container is well (Docker's config; OCI has no such thing).
///
/// @param test `["NONE"]`, `["CMD", argv…]` or `["CMD-SHELL", script]`; empty inherits
/// @param interval zero inherits, as for all durations; whole nanoseconds
/// @param retries zero inherits
public record Healthcheck(
    List<String> test,
    Duration interval,
    Duration timeout,
    Duration startPeriod,
    Duration startInterval,
    long retries) {

  public Healthcheck {
    test = List.copyOf(test);
  }

  static Healthcheck read(JsonObject json) throws ImageFormatException {
    return new Healthcheck(
        json.strings("Test"),
        Duration.ofNanos(json.number("Interval").orElse(0)),
        Duration.ofNanos(json.number("Timeout").orElse(0)),
        Duration.ofNanos(json.number("StartPeriod").orElse(0)),
        Duration.ofNanos(json.number("StartInterval").orElse(0)),
        json.number("Retries").orElse(0));
  }

  Map<String, Object> write() {
    var json = new LinkedHashMap<String, Object>();
    if (!test.isEmpty()) {
      json.put("Test", test);
    }
    put(json, "Interval", interval.toNanos());
    put(json, "Timeout", timeout.toNanos());
    put(json, "StartPeriod", startPeriod.toNanos());
    put(json, "StartInterval", startInterval.toNanos());
    put(json, "Retries", retries);
    return json;
  }

  private static void put(Map<String, Object> json, String key, long number) {
    if (number != 0) {
      json.put(key, number);
    }
  }
}
