package dev.jbuild.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.serve.ServedRegistry.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Case 124: many clients send and read one blob at once, beside others who push images.
class ManyClientsTest {

  private static final int CLIENTS = 50;

  @TempDir Path temp;

  @ParameterizedTest
  @EnumSource
  void oneBlobIsSentAndReadByMany(Kind kind) throws Exception {
    var blob = Caller.bytes(1 << 20, 124);
    var digest = Caller.digest(blob);
    try (var served = ServedRegistry.of(temp, kind);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      served.caller.push("app", blob);
      var all = new ArrayList<Future<?>>();
      for (int i = 0; i < CLIENTS; i++) {
        int number = i;
        all.add(threads.submit(() -> served.caller.push("app", blob)));
        all.add(
            threads.submit(
                () ->
                    assertArrayEquals(
                        blob,
                        served.caller.call("GET", "/v2/app/blobs/" + digest).is(200).bytes())));
        all.add(
            threads.submit(
                () -> served.caller.pushImage("app", "t" + number, "layer " + number % 7)));
      }
      for (var each : all) {
        each.get();
      }
      var tags = served.caller.list(served.caller.call("GET", "/v2/app/tags/list"), "tags");
      assertEquals(CLIENTS, tags.size());
      if (kind == Kind.DATA) {
        // the blob, and config, layer and manifest of seven images
        assertEquals(1 + 3 * 7, served.blobFiles().size());
        assertEquals(List.of(), served.uploads());
      }
      assertEquals(List.of(), served.troubles);
    }
  }
}
