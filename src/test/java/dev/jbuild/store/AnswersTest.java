package dev.jbuild.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How much of a store its answers take; what they are for is in AnswerIT.
class AnswersTest {

  private static final int MIB = 1 << 20;

  @TempDir Path directory;

  @Test
  void largeOnesAreFew() throws Exception {
    try (var store = Store.open(directory.resolve("store"))) {
      var answers = store.root().resolve("cache/answers").toFile();
      for (int i = 0; i < 40; i++) {
        store.answers().put("answer" + i, new byte[7 * MIB], new byte[MIB], "x", List.of());
        long bytes = size(answers);
        assertTrue(bytes < 90L * MIB, "%d bytes after %d".formatted(bytes, i));
      }
      for (int i = 0; i < 40; i++) {
        store.answers().put("small" + i, new byte[1], new byte[1], "x", List.of());
      }
      var names = answers.list();
      assertTrue(names != null && names.length > 120, "small ones are many");
    }
  }

  @Test
  void anotherReplacesIt() throws Exception {
    try (var store = Store.open(directory.resolve("store"))) {
      for (int i = 0; i < 3; i++) {
        store.answers().put("answer", new byte[1], new byte[1], "x", List.of());
      }
      var answers = store.root().resolve("cache/answers").toFile();
      assertEquals(3, List.of(answers.list()).size());
      store.answers().remove("answer");
      assertEquals(0, List.of(answers.list()).size());
      store.answers().remove("answer"); // there is none
    }
  }

  private static long size(File directory) {
    long bytes = 0;
    for (var file : directory.listFiles()) {
      bytes += file.length();
    }
    return bytes;
  }
}
