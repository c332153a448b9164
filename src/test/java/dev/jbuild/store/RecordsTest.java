package dev.jbuild.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Digest;
import dev.jbuild.image.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Records of steps and of builds.
class RecordsTest {

  private static final byte[] JSON = "{\"blobs\":[],\"ä\":1}".getBytes(UTF_8);

  @TempDir Path temp;
  private Store store;
  private final Digest key = Digest.of(new byte[] {1});
  private final Digest weak = Digest.of(new byte[] {2});

  @BeforeEach
  void open() throws IOException {
    store = Store.open(temp.resolve("store"));
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  @Test
  void aRecordIsFoundByItsKeyWithTheSameBytes() throws IOException {
    var records = store.records();
    assertEquals(Optional.empty(), records.find(key));
    assertFalse(records.knowsWeak(weak));

    records.put(key, weak, JSON);

    assertArrayEquals(JSON, records.find(key).orElseThrow());
    assertTrue(records.knowsWeak(weak));
    assertFalse(records.knowsWeak(key));
    records.put(key, weak, "{}".getBytes(UTF_8));
    assertEquals("{}", new String(records.find(key).orElseThrow(), UTF_8));
  }

  @Test
  void theFileIsJsonThatOthersCanRead() throws IOException {
    store.records().put(key, weak, JSON);
    var file = Files.readAllBytes(store.records().file(key));
    var json = JsonObject.parse(file, "file");
    assertEquals(weak.hex(), json.requiredString("of"));
    assertEquals(1, json.requiredObject("record").requiredNumber("ä"));
  }

  @Test
  void aTornRecordCountsAsMissing() throws IOException {
    store.records().put(key, weak, JSON);
    store.builds().put(key, JSON);
    for (var file : new Path[] {store.records().file(key), store.builds().file(key)}) {
      var whole = Files.readAllBytes(file);
      for (int length = 0; length < whole.length; length++) {
        Files.write(file, Arrays.copyOf(whole, length));
        assertTrue(store.records().find(key).isEmpty() || store.builds().last(key).isEmpty());
        var zeros = Arrays.copyOf(Arrays.copyOf(whole, length), whole.length);
        Files.write(file, zeros);
        assertTrue(store.records().find(key).isEmpty() || store.builds().last(key).isEmpty());
      }
      Files.write(file, whole);
    }
    assertTrue(store.records().find(key).isPresent() && store.builds().last(key).isPresent());
  }

  @Test
  void useIsNotedForPrune() throws IOException {
    store.records().put(key, weak, JSON);
    var file = store.records().file(key);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(9))));
    store.records().find(key);
    var age = Duration.between(Files.getLastModifiedTime(file).toInstant(), Instant.now());
    assertTrue(age.compareTo(Duration.ofHours(1)) < 0, age.toString());
  }

  @Test
  void theLastBuildIsRemembered() throws IOException {
    assertEquals(Optional.empty(), store.builds().last(key));
    store.builds().put(key, JSON);
    assertArrayEquals(JSON, store.builds().last(key).orElseThrow());
  }

  @Test
  void aStepsLogHasAPlaceThatIsFoundAgain() throws IOException {
    var log = store.builds().logFile(key, weak);
    Files.writeString(log, "all of it");
    store.builds().put(key, JSON);
    assertEquals("all of it", Files.readString(store.builds().logFile(key, weak)));
  }

  @Test
  void theOldestBuildsAndLogsAreForgotten() throws IOException {
    for (int i = 0; i < 210; i++) {
      var name = Digest.of(new byte[] {3, (byte) i});
      store.builds().put(name, JSON);
      Files.setLastModifiedTime(
          store.builds().directory(name), FileTime.from(Instant.ofEpochSecond(1000 + i)));
      var log = store.builds().logFile(name, name);
      Files.writeString(log, "x");
      var shared = store.builds().logFile(key, name);
      Files.writeString(shared, "x");
      Files.setLastModifiedTime(shared, FileTime.from(Instant.ofEpochSecond(1000 + i)));
    }
    assertTrue(Names.digests(temp.resolve("store/builds")).size() <= 201);
    assertTrue(Names.digests(store.builds().directory(key).resolve("logs")).size() <= 201);
    var newest = Digest.of(new byte[] {3, (byte) 209});
    assertEquals("x", Files.readString(store.builds().logFile(key, newest)));
  }
}
