package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.store.CacheMounts;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `jbuild cache ls`, and what prune does to caches of RUN mounts.
class CacheCommandTest {

  @TempDir Path temp;

  @BeforeEach
  void makeCaches() throws IOException {
    make("../\u001B[2Jold", Instant.parse("2026-01-02T03:04:05Z"));
    make("new", Instant.now());
  }

  private void make(String id, Instant used) throws IOException {
    try (var store = Store.open(temp.resolve("store"))) {
      var cache =
          store
              .cacheMounts()
              .open(
                  id,
                  CacheMounts.Use.SHARED,
                  files -> Files.writeString(files.resolve("f"), "x".repeat(5000)));
      cache.close();
      Files.setLastModifiedTime(cache.directory().getParent(), FileTime.from(used));
    }
  }

  private Jbuild jbuild(String... words) {
    return new Jbuild(temp.resolve("store")).run(words);
  }

  private String list() {
    var run = jbuild("cache", "ls");
    assertEquals(0, run.code(), run.err());
    return run.out().replaceAll(" +", " ");
  }

  @Test
  void theListIsATableForPeopleAndJsonForScripts() {
    var lines = list().lines().toList();
    assertEquals("ID SIZE LAST USED", lines.getFirst());
    assertTrue(
        lines.get(1).matches("../\\\\x1b\\[2Jold [0-9.]+kB 1?[0-9] (month|year)s? ago"),
        lines.get(1));
    assertTrue(lines.get(2).startsWith("new "), lines.get(2));
    var json = jbuild("cache", "ls", "--format", "json").out().lines().toList();
    assertEquals(2, json.size());
    assertTrue(json.getFirst().startsWith("{\"Type\":\"exec.cachemount\",\"ID\":"));
    assertTrue(json.getFirst().endsWith("\"LastUsed\":\"2026-01-02T03:04:05Z\"}"));
    assertEquals(2, jbuild("cache").code());
    assertEquals(2, jbuild("cache", "other").code());
    assertEquals(2, jbuild("cache", "ls", "--format", "xml").code());
  }

  @Test
  void pruneTakesThemWhenItIsToldTo() {
    assertEquals(0, jbuild("prune", "-f").code());
    assertEquals(3, list().lines().count());
    assertTrue(jbuild("store", "du").out().contains("cache mounts"));
    var type = "type=exec.cachemount";
    var some = jbuild("prune", "-f", "--filter", type, "--filter", "until=24h");
    assertTrue(some.err().contains("removed 1 cache mount"), some.err());
    assertTrue(list().contains("new"));
    assertTrue(jbuild("prune", "-f", "--filter", type).err().contains("1 cache mount"));
    assertEquals(1, list().lines().count());
    assertEquals(2, jbuild("prune", "-f", "--filter", "type=other").code());
  }
}
