package dev.jbuild.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Case 106 for the store alone: a process that writes, tags and prunes is killed at any moment.
class CrashTest {

  private static final int KILLS = 6;

  @TempDir Path temp;

  @Test
  void aKilledWriterLeavesAWholeStore() throws Exception {
    var root = temp.resolve("store");
    var random = new Random(106);
    for (int kill = 0; kill < KILLS; kill++) {
      writeUntilKilled(root, random.nextInt(250));
      try (var store = Store.open(root)) {
        assertEquals(List.of(), store.check());
        assertTrue(store.references().find("last").isPresent());
        store.prune(PruneOptions.DEFAULT);
        assertEquals(List.of(), store.check());
      }
      try (var left = Files.list(root.resolve("tmp"))) {
        assertEquals(List.of(), left.toList());
      }
    }
  }

  private static void writeUntilKilled(Path root, int millis) throws Exception {
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Writer.class.getName(),
                root.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      assertNotNull(out.readLine(), "the writer failed");
      Thread.sleep(millis);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /// The process that is killed.
  static final class Writer {

    private Writer() {}

    /// @param arguments the store
    public static void main(String[] arguments) throws IOException {
      var root = Path.of(arguments[0]);
      for (int i = 0; ; i++) {
        write(root, i);
        if (i == 0) {
          System.out.println("ready");
        }
      }
    }

    private static void write(Path root, int i) throws IOException {
      try (var store = Store.open(root)) {
        var image = SampleImage.put(store, "image " + i + " " + System.nanoTime());
        store.layers().putIndex(image.layer(), ("index " + i).getBytes(UTF_8));
        var record = "{\"blobs\":[\"" + image.layer() + "\"],\"trees\":[]}";
        store.records().put(image.layer(), image.config(), record.getBytes(UTF_8));
        store.builds().put(image.config(), record.getBytes(UTF_8));
        try (var draft = store.trees().draft()) {
          Files.writeString(draft.fs().resolve("file"), record);
          store.trees().commit(draft, image.layer());
        }
        store.references().tag("last", image.manifest());
        if (i % 3 == 2) {
          store.prune(i % 2 == 0 ? PruneOptions.ALL : PruneOptions.DEFAULT);
        }
      }
    }
  }
}
