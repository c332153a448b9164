package dev.jbuild.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is remembered of builds, when there are many.
class BuildsTest {

  private static final byte[] RECORD = "{\"blobs\":[]}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path temp;

  private static Digest key(int number) {
    return Digest.of(("build " + number).getBytes(StandardCharsets.UTF_8));
  }

  /// A build that fails early leaves logs and no record.
  @Test
  void directoriesWithoutRecordsAreForgottenToo() throws IOException {
    try (var store = Store.open(temp.resolve("store"))) {
      var builds = store.builds();
      builds.put(key(0), RECORD);
      for (int i = 1; i < 210; i++) {
        builds.logFile(key(i), key(0));
      }
      assertEquals(210, builds.newestFirst().size());
      builds.put(key(0), RECORD); // the same again, whose directory is the oldest
      assertEquals(200, builds.newestFirst().size());
      assertTrue(builds.last(key(0)).isPresent());
    }
  }

  /// Two builds that end at once find the same one too many.
  @Test
  void buildsAtTheSameTimeForgetTheOldestTogether()
      throws IOException, InterruptedException, ExecutionException {
    var root = temp.resolve("store");
    try (var one = Store.open(root);
        var other = Store.open(root);
        var workers = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 200; i++) {
        one.builds().put(key(i), RECORD);
      }
      var ends = new ArrayList<Future<?>>();
      for (int i = 200; i < 320; i++) {
        var store = i % 2 == 0 ? one : other;
        var key = key(i);
        ends.add(
            workers.submit(
                () -> {
                  store.builds().put(key, RECORD);
                  store.builds().putNotes(key, RECORD);
                  return null;
                }));
      }
      for (var end : ends) {
        end.get();
      }
      one.builds().put(key(320), RECORD);
      assertEquals(200, one.builds().newestFirst().size());
      assertTrue(one.builds().last(key(320)).isPresent());
      assertTrue(one.builds().last(key(0)).isEmpty());
    }
  }
}
