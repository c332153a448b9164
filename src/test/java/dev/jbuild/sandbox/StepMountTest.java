package dev.jbuild.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.failure.BuildFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/// Mounts of a step.
class StepMountTest extends StepBench {

  private StepMount secret(String target) {
    return new StepMount.Content(target, "s3cr3t".getBytes(UTF_8), 0400, 7, 8, true);
  }

  private Path source() throws IOException {
    var source = Files.createDirectory(temp.resolve("source"));
    Files.writeString(source.resolve("file"), "content");
    return source;
  }

  @Test
  void aProvidedFileIsTheStepsOwnToWriteTo() throws Exception {
    var mount =
        StepMount.Content.provided("/etc/resolv.conf", "nameserver 192.0.2.1\n".getBytes(UTF_8));
    var script =
        "echo more >> /etc/resolv.conf; cat /etc/resolv.conf; stat -c %a:%u:%g /etc/resolv.conf";
    assertEquals("nameserver 192.0.2.1\nmore\n644:0:0\n", outputOf(shell(List.of(mount), script)));
    assertEquals("", Files.readString(root.resolve("etc/resolv.conf")));
  }

  @Test
  void aSecretHasItsModeAndOwnerAndCannotBeWrittenTo() throws Exception {
    Files.createFile(root.resolve("tmp/secret"));
    var mounts = List.of(secret("/tmp/secret"));
    assertEquals(
        "s3cr3t400:7:8\n",
        outputOf(shell(mounts, "cat /tmp/secret; stat -c %a:%u:%g /tmp/secret")));
    assertFalse(run(shell(mounts, "echo x > /tmp/secret")).isSuccess());
    assertFalse(run(shell(mounts, "rm -f /tmp/secret")).isSuccess());
  }

  @Test
  void anEmptyFileCanBeProvided() throws Exception {
    var mount = StepMount.Content.provided("/etc/resolv.conf", new byte[0]);
    assertEquals("", outputOf(shell(List.of(mount), "cat /etc/resolv.conf")));
  }

  @Test
  void aBoundDirectoryIsReadOnlyUnlessSaid() throws Exception {
    var source = source();
    var readOnly = List.<StepMount>of(new StepMount.Bind(source, "/", "/tmp", true, true));
    assertEquals("content", outputOf(shell(readOnly, "cat /tmp/file")));
    assertFalse(run(shell(readOnly, "touch /tmp/new")).isSuccess());
    var writable = List.<StepMount>of(new StepMount.Bind(source, "", "/tmp", true, false));
    outputOf(shell(writable, "touch /tmp/new"));
    assertEquals(List.of("file", "new"), names(source));
  }

  @Test
  void aSingleFileCanBeBound() throws Exception {
    var mount = new StepMount.Bind(source(), "file", "/etc/resolv.conf", false, true);
    assertEquals("content", outputOf(shell(List.of(mount), "cat /etc/resolv.conf")));
  }

  @Test
  void case67ALinkInTheSourceLeadsNowhereOutside() throws Exception { // CVE-2024-1753
    var source = source();
    Files.createSymbolicLink(source.resolve("rootdir"), Path.of("/"));
    Files.createSymbolicLink(source.resolve("up"), Path.of("../../../.."));
    for (var name : List.of("rootdir", "up", "../..", "rootdir/up/../..")) {
      var mounts = List.<StepMount>of(new StepMount.Bind(source, name, "/tmp", true, false));
      assertEquals("content", outputOf(shell(mounts, "cat /tmp/file")), name);
    }
    var mounts = List.<StepMount>of(new StepMount.Bind(source, "rootdir/etc", "/tmp", true, true));
    assertThrows(BuildFailure.class, () -> run(shell(mounts, "true")));
  }

  /// One step exchanges a directory of the cache for links while others mount it. More rounds:
  /// `-Djbuild.rounds=1000`.
  @Test
  void case69AMountSourceThatIsExchangedLeadsNowhereOutside() throws Exception { // CVE-2024-23651
    int rounds = Integer.getInteger("jbuild.rounds", 25);
    var cache = Files.createDirectory(temp.resolve("cache"));
    Files.writeString(Files.createDirectory(cache.resolve("sub")).resolve("file"), "inside");
    var outside = Files.createDirectory(temp.resolve("outside"));
    Files.writeString(outside.resolve("file"), "OUTSIDE");
    Files.createDirectory(root.resolve("cache"));
    var swap =
        """
        cd /cache
        while [ -e go ]; do
          mv sub real; ln -s %s sub; rm sub; ln -s ../../outside sub; rm sub; mv real sub; : > began
        done
        """
            .formatted(outside);
    Files.createFile(cache.resolve("go"));
    try (var threads = Executors.newSingleThreadExecutor()) {
      var mount = List.<StepMount>of(new StepMount.Bind(cache, "/", "/cache", true, false));
      var swapper = threads.submit(() -> namespaces.run(shell(mount, swap), (_, _) -> {}));
      try {
        while (!Files.exists(cache.resolve("began")) && !swapper.isDone()) {
          Thread.sleep(10);
        }
        var sub = List.<StepMount>of(new StepMount.Bind(cache, "sub", "/tmp", true, true));
        for (int i = 0; i < rounds; i++) {
          try {
            assertEquals("inside", outputOf(shell(sub, "cat /tmp/file")));
          } catch (BuildFailure missing) {
            // a link that leads nowhere inside the cache
          }
        }
      } finally {
        Files.delete(cache.resolve("go"));
      }
      assertEquals(ExitStatus.exited(0), swapper.get());
    }
  }

  @Test
  void aFileSystemInMemoryHasItsSize() throws Exception {
    var mounts = List.<StepMount>of(new StepMount.Tmpfs("/tmp", 1 << 20));
    assertFalse(run(shell(mounts, "dd if=/dev/zero of=/tmp/x bs=1024 count=2048")).isSuccess());
    assertEquals("1777\n", outputOf(shell(mounts, "stat -c %a /tmp; touch /tmp/x")));
    assertEquals(List.of(), names(root.resolve("tmp")));
  }

  @Test
  void mountsInsideMountsGetTheirMountPointsMade() throws Exception {
    var mounts =
        List.of(
            new StepMount.Tmpfs("/tmp", 0),
            secret("/tmp/a/b/secret"),
            new StepMount.Bind(source(), "/", "/tmp/source", true, true),
            new StepMount.Tmpfs("/dev/shm", 1 << 20),
            secret("/dev/secret"));
    assertEquals(
        "s3cr3tcontents3cr3t",
        outputOf(shell(mounts, "cat /tmp/a/b/secret /tmp/source/file /dev/secret")));
    assertEquals(List.of(), names(root.resolve("tmp")));
  }

  @Test
  void theWorkingDirectoryIsMadeInTheMountThatCoversIt() throws Exception {
    var mounts = List.<StepMount>of(new StepMount.Tmpfs("/tmp", 0));
    var step = step(List.of("/bin/sh", "-c", "pwd"), List.of(), "/tmp/a/b", StepUser.ROOT, mounts);
    assertEquals("/tmp/a/b\n", outputOf(step));
    assertEquals(List.of(), names(root.resolve("tmp")));
  }

  @Test
  void mountPointsAreWhatTheImageMustHave() {
    var mounts =
        List.of(
            StepMount.Content.provided("/etc/hosts", new byte[0]),
            new StepMount.Tmpfs("/cache", 0),
            new StepMount.Tmpfs("/cache/inner", 0),
            new StepMount.Tmpfs("/cache2", 0),
            secret("/dev/secret"));
    assertEquals(
        List.of(
            new MountPoint("/dev", true),
            new MountPoint("/proc", true),
            new MountPoint("/sys", true),
            new MountPoint("/etc/hosts", false),
            new MountPoint("/cache", true),
            new MountPoint("/cache2", true)),
        shell(mounts, "true").mountPoints());
  }

  @Test
  void aMissingMountPointIsNamed() {
    var mounts = List.<StepMount>of(new StepMount.Tmpfs("/missing", 0));
    var failure = assertThrows(BuildFailure.class, () -> run(shell(mounts, "true")));
    assertEquals(
        "the sandbox failed at opening the mount point /missing: no such file or directory"
            + " (openat2)",
        failure.message());
  }

  private static List<String> names(Path directory) throws IOException {
    try (var names = Files.list(directory)) {
      return names.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
