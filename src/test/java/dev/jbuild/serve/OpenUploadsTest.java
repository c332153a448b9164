package dev.jbuild.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.serve.ContentDigest.Algorithm;
import dev.jbuild.serve.ServedRegistry.Kind;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Case 133: there are so many uploads at once, and those that nobody goes on with make room.
class OpenUploadsTest {

  @TempDir Path temp;

  private static Limits few(Duration room, Duration kept) {
    var usual = Limits.DEFAULT;
    return new Limits(
        usual.idle(),
        usual.stall(),
        usual.connections(),
        usual.grace(),
        new Limits.Uploads(3, room, kept),
        usual.sweep());
  }

  private ServedRegistry served(Kind kind, Limits limits) throws Exception {
    return ServedRegistry.of(temp, kind, options -> options, limits);
  }

  private ServedRegistry served(Limits limits) throws Exception {
    return served(Kind.DATA, limits);
  }

  /// The directory of an upload with this address.
  private Path directory(String upload) {
    return temp.resolve("data/uploads").resolve(upload.substring(upload.lastIndexOf('/') + 1));
  }

  /// Gives its bytes a time, as another machine's clock may.
  private void stamp(String upload, Instant time) throws Exception {
    Files.setLastModifiedTime(directory(upload).resolve("data"), FileTime.from(time));
  }

  /// Uploads that nobody goes on with keep nobody out for long, also those of a server before this.
  @ParameterizedTest
  @EnumSource(Kind.class)
  void anUploadThatWasLeftMakesRoomForAnother(Kind kind) throws Exception {
    var left = new ArrayList<String>();
    try (var served = served(kind, few(Duration.ofDays(1), Duration.ofDays(1)))) {
      for (int i = 0; i < 3; i++) {
        left.add(served.caller.begin("app"));
      }
      served.caller.call("POST", "/v2/app/blobs/uploads/").is(429, "TOOMANYREQUESTS");
      served.caller.call("DELETE", left.removeFirst()).is(204);
      left.add(served.caller.begin("app"));
    }
    try (var served = served(kind, few(Duration.ZERO, Duration.ofDays(1)))) {
      var caller = served.caller;
      if (kind == Kind.STORE) {
        left.replaceAll(_ -> caller.begin("app"));
      }
      caller.call("PATCH", left.getFirst(), new byte[10]).is(202);
      left.add(caller.begin("app"));
      var there = left.stream().filter(each -> caller.call("GET", each).status() == 204).toList();
      assertEquals(3, there.size());
      assertTrue(there.contains(left.getFirst()));
    }
  }

  /// A clock that is set, or a file server's that is wrong, ends nothing that a client works on.
  @Test
  void theClockOfTheFilesDoesNotEndALiveUpload() throws Exception {
    var limits = few(Duration.ofHours(1), Duration.ofDays(1));
    var left = new ArrayList<String>();
    try (var served = served(limits)) {
      var caller = served.caller;
      for (int i = 0; i < 3; i++) {
        left.add(caller.begin("app"));
        stamp(left.getLast(), Instant.now().minus(Duration.ofDays(2)));
      }
      caller.call("POST", "/v2/app/blobs/uploads/").is(429, "TOOMANYREQUESTS");
      served.registry.collect();
      for (var upload : left) {
        caller.call("GET", upload).is(204);
      }
    }
    stamp(left.get(1), Instant.now().plus(Duration.ofDays(2)));
    stamp(left.get(2), Instant.EPOCH.minus(Duration.ofDays(365_000)));
    try (var served = served(limits)) { // which knows nothing else
      served.registry.collect();
      assertEquals(List.of(directory(left.get(1))), served.uploads());
      served.caller.call("GET", left.get(1)).is(204);
    }
  }

  /// That another's cannot be removed is nothing to the client that is given its place.
  @Test
  void anUploadThatCannotBeRemovedIsToldAndPassedOver() throws Exception {
    try (var served = served(few(Duration.ZERO, Duration.ZERO))) {
      var caller = served.caller;
      var stuck = new TreeSet<Path>();
      var first = caller.begin("app");
      var second = caller.begin("app");
      var third = caller.begin("app");
      stuck.add(stick(first));
      var fourth = caller.begin("app");
      assertEquals(1, served.troubles.size(), served.troubles::toString);
      assertTrue(served.troubles.getFirst().contains(directory(first).getFileName().toString()));
      caller.call("GET", first).is(404);
      for (var upload : List.of(second, third, fourth)) {
        caller.call("GET", upload).is(204);
      }
      stuck.add(stick(third));
      served.registry.collect();
      assertEquals(2, served.troubles.size(), served.troubles::toString);
      assertEquals(stuck, new TreeSet<>(served.uploads()));
    }
  }

  private Path stick(String upload) throws Exception {
    Files.createFile(directory(upload).resolve("another's"));
    return directory(upload);
  }

  /// What is among the uploads and cannot be used as one stays, and is told.
  @Test
  void whatIsNoUploadKeepsNoRegistryFromStarting() throws Exception {
    String upload;
    try (var served = served(Limits.DEFAULT)) {
      upload = served.caller.begin("app");
      served.caller.call("PATCH", upload, new byte[100]).is(202);
    }
    var uploads = temp.resolve("data/uploads");
    var odd = uploads.resolve("00000000-0000-0000-0000-000000000001");
    Files.createDirectories(odd.resolve("repository"));
    var full = uploads.resolve("00000000-0000-0000-0000-000000000002");
    Files.createFile(Files.createDirectory(full).resolve("another's"));
    try (var served = served(Limits.DEFAULT)) {
      served.caller.call("GET", upload).is(204);
      assertEquals(Set.of(odd, full, directory(upload)), Set.copyOf(served.uploads()));
      assertEquals(2, served.troubles.size(), served.troubles::toString);
      for (var entry : List.of(odd, full)) {
        var id = entry.getFileName().toString();
        assertTrue(served.troubles.stream().anyMatch(each -> each.contains(id)), id);
      }
    }
  }

  /// Not even where none is spared does an upload make room while its client is being told of it,
  /// or sends it whole with the same request.
  @Test
  void anUploadThatIsJustBegunMakesNoRoom() throws Exception {
    var name = new RepositoryName("app");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var data = data(few(Duration.ZERO, Duration.ZERO))) {
      var begun = new ArrayList<Upload>();
      for (int i = 0; i < 3; i++) {
        begun.add(data.begin(name, Algorithm.SHA256));
      }
      var another = threads.submit(() -> data.begin(name, Algorithm.SHA256));
      var refused = assertThrows(ExecutionException.class, another::get);
      assertEquals(429, assertInstanceOf(Refusal.class, refused.getCause()).status());
      begun.get(1).leave();
      threads.submit(() -> data.begin(name, Algorithm.SHA256)).get();
      assertEquals(List.of(true, false, true), begun.stream().map(Upload::isOpen).toList());
    }
  }

  /// The first failure is the one that is told, and its place is free again.
  @Test
  void aBeginThatFailsTakesNoPlace() throws Exception {
    var name = new RepositoryName("app");
    try (var data = data(few(Duration.ofDays(1), Duration.ofDays(1)))) {
      var uploads = temp.resolve("data/uploads");
      Files.delete(uploads);
      Files.createFile(uploads);
      for (int i = 0; i < 4; i++) {
        var failure =
            assertThrows(FileSystemException.class, () -> data.begin(name, Algorithm.SHA256));
        assertEquals(1, failure.getSuppressed().length);
      }
      Files.delete(uploads);
      Files.createDirectory(uploads);
      data.begin(name, Algorithm.SHA256).leave();
    }
  }

  private DataDirectory data(Limits limits) throws Exception {
    return DataDirectory.open(temp.resolve("data"), limits, new RequestLog(_ -> {}, _ -> {}));
  }
}
