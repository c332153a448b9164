package dev.jbuild.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.linux.Machine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Steps in containers of runc and crun, and what is known of their versions.
class OciRuntimeTest extends StepBench {

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private ExitStatus run(Sandbox sandbox, StepSpec step) throws IOException, InterruptedException {
    said.reset();
    return sandbox.run(step, (buffer, length) -> said.write(buffer, 0, length));
  }

  /// crun, as root, loads a filter of devices, for which a machine may not let it lock memory. Then
  /// no step runs: without the filter a step could open any device.
  private boolean isRefused(Sandbox sandbox) throws IOException, InterruptedException {
    try {
      run(sandbox, StepSpec.of(root, "/bin/sh", "-c", "true"));
      return false;
    } catch (BuildFailure e) {
      assertEquals(SandboxKind.CRUN, sandbox.kind(), e.message());
      assertTrue(e.message().contains("RLIM_MEMLOCK"), e.message());
      assertTrue(e.hint().orElse("").contains("ulimit -l"));
      return true;
    }
  }

  private StepSpec step(List<StepMount> mounts, Allowance allowance, String script) {
    return new StepSpec(
        root,
        List.of("/bin/sh", "-c", script),
        List.of("A=b \"c\"\n"),
        "/tmp",
        new StepUser(1000, 100, List.of(7L)),
        Network.NONE,
        "builder",
        mounts,
        allowance,
        new ByteArrayInputStream("typed\n".getBytes(UTF_8)));
  }

  /// One step does it all: what it is given, what it may, and how it ends.
  @ParameterizedTest
  @EnumSource(
      value = SandboxKind.class,
      names = {"RUNC", "CRUN"})
  void aStepGetsWhatItWasGivenAndNothingElse(SandboxKind kind) throws Exception {
    assumeTrue(OciRuntime.version(kind).isPresent(), kind.text() + " is not installed");
    var outside = Files.createDirectory(temp.resolve("outside"));
    Files.createDirectory(outside.resolve("d"));
    Files.writeString(outside.resolve("d/f"), "bound");
    Files.createSymbolicLink(outside.resolve("link"), Path.of("/d")); // stays in its own root
    for (var name : List.of("run", "t")) {
      Files.createDirectory(root.resolve(name));
    }
    Files.createFile(root.resolve("run/secret"));
    var secret = "s3cr3t".getBytes(UTF_8);
    var mounts =
        List.<StepMount>of(
            new StepMount.Content("/run/secret", secret, 0400, 1000, 0, true),
            new StepMount.Bind(outside, "link", "/t", true, true));
    var allowance =
        new Allowance(
            false,
            OptionalLong.of(1 << 20),
            List.of(new Allowance.Limit(Allowance.Resource.NOFILE, 123, 456)));
    var script =
        """
        id; echo "$A$PWD"; cat; hostname; ulimit -n; cat /run/secret /t/f; echo
        touch /t/x 2>/dev/null; echo x 2>/dev/null > /run/secret; grep -c : /proc/net/dev
        grep -E '^(CapEff|CapBnd|Seccomp|NoNewPrivs):' /proc/self/status | xargs
        exit 7
        """;
    var programs = Files.createDirectory(temp.resolve("bundles"));
    try (var sandbox = Sandbox.tried(kind, programs, programs)) {
      assertEquals(kind, sandbox.kind());
      if (isRefused(sandbox)) {
        return;
      }
      var status = run(sandbox, step(mounts, allowance, script));
      assertEquals(
          """
          uid=1000 gid=100 groups=7,100
          b "c"
          /tmp
          typed
          builder
          123
          s3cr3tbound
          1
          CapEff: 0000000000000000 CapBnd: 00000000a80425fb NoNewPrivs: 0 Seccomp: 2
          """,
          said.toString(UTF_8).replaceFirst("groups=.*", "groups=7,100"));
      assertEquals(ExitStatus.exited(7), status);
      assertFalse(Files.exists(outside.resolve("d/x")));

      assertEquals(127, run(sandbox, StepSpec.of(root, "/bin/missing")).code());
      Files.writeString(root.resolve("tmp/text"), "text");
      assertEquals(126, run(sandbox, StepSpec.of(root, "/tmp/text")).code());
      var privileged = new Allowance(true, OptionalLong.empty(), List.of());
      assertThrows(BuildFailure.class, () -> run(sandbox, step(List.of(), privileged, "true")));
    }
    try (var left = Files.list(programs)) {
      assertEquals(List.of(), left.toList());
    }
    for (var group : ControlGroups.ofThisProcess().places()) {
      var pattern = "jbuild-" + ProcessHandle.current().pid() + "-r*";
      try (var left = Files.newDirectoryStream(group, pattern)) {
        assertFalse(left.iterator().hasNext(), "left in " + group);
      }
    }
  }

  /// Case 97. The limit is the container's own: the runtime's threads do not count.
  @Test
  void aSmallLimitOfProcessesIsTheStepsAlone() throws Exception {
    assumeTrue(OciRuntime.version(SandboxKind.RUNC).isPresent(), "runc is not installed");
    assumeTrue(Machine.uid() == 0 && !Machine.inUserNamespace(), "others have no groups");
    var none = OptionalLong.empty();
    var allowance = allowance(new Quota(none, none, OptionalLong.of(4)));
    var programs = Files.createDirectory(temp.resolve("bundles"));
    try (var sandbox = Sandbox.tried(SandboxKind.RUNC, programs, programs)) {
      assertTrue(
          run(sandbox, step(List.of(), allowance, "true")).isSuccess(), said.toString(UTF_8));
      var many = "for i in 1 2 3 4 5 6 7 8; do sleep 9 & done; echo $i";
      assertFalse(run(sandbox, step(List.of(), allowance, many)).isSuccess());
      assertTrue(said.toString(UTF_8).contains("fork"), said.toString(UTF_8));
    }
  }

  private static Allowance allowance(Quota quota) {
    return new Allowance(false, OptionalLong.empty(), List.of(), quota);
  }

  /// The container has a group of its own.
  @ParameterizedTest
  @CsvSource({
    "ALL, 64, , 10, 64 128 10",
    "ALL, 64, 80, , 64 80 -",
    "ALL, 64, -1, , 64 - -",
    "WITHOUT_SWAP, 64, 80, , 64 - -",
    "ALL, , , 10, - - 10",
    "NOTHING, 64, 80, 10, - - -",
  })
  void theBundleSaysTheLimits(
      RuntimeBundle.Keeping keeping, Long limit, Long swap, Long processes, String expected)
      throws Exception {
    var quota = new Quota(optional(limit), optional(swap), optional(processes));
    var step = step(List.of(), allowance(quota), "true");
    var bundle = Files.createDirectory(temp.resolve("bundle"));
    new RuntimeBundle(bundle, step, Kernel.probe(temp), Map.of(), keeping)
        .configure(false, Optional.of("/a/group"));
    var config = new ObjectMapper().readTree(bundle.resolve("config.json").toFile());
    assertEquals("/a/group", config.at("/linux/cgroupsPath").asText());
    var resources = config.get("linux").get("resources");
    var memory = resources.path("memory");
    assertEquals(
        expected,
        String.join(
            " ",
            memory.path("limit").asText("-"),
            memory.path("swap").asText("-"),
            resources.path("pids").path("limit").asText("-")));
  }

  private static OptionalLong optional(Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  /// A process that is the first of its namespace ignores what it does not handle; jbuild ends it.
  @Test
  void aSignalIsForTheStepAndNotForTheRuntime() throws Exception {
    assumeTrue(OciRuntime.version(SandboxKind.RUNC).isPresent(), "runc is not installed");
    var programs = Files.createDirectory(temp.resolve("bundles"));
    try (var sandbox = Sandbox.tried(SandboxKind.RUNC, programs, programs);
        var thread = Executors.newSingleThreadExecutor()) {
      assertEquals(ExitStatus.killed(15), signalled(sandbox, thread, "echo up; sleep 99; true"));
      var handled = "trap 'exit 9' TERM; echo up; while :; do sleep 0.1; done";
      assertEquals(ExitStatus.exited(9), signalled(sandbox, thread, handled));
    }
  }

  private ExitStatus signalled(Sandbox sandbox, ExecutorService thread, String script)
      throws Exception {
    var isUp = new CountDownLatch(1);
    var control = new StepControl();
    var streams = new StepStreams.Merged((_, _) -> isUp.countDown());
    var status = thread.submit(() -> sandbox.run(shell(script), streams, control));
    isUp.await();
    assertTrue(control.signal(15));
    return status.get();
  }

  /// Case 91: the runtime follows links of the image inside the root only, or runs nothing.
  @ParameterizedTest
  @EnumSource(
      value = SandboxKind.class,
      names = {"RUNC", "CRUN"})
  void linksInPlaceOfMountPointsLeadNowhere(SandboxKind kind) throws Exception {
    assumeTrue(OciRuntime.version(kind).isPresent(), kind.text() + " is not installed");
    var outside = Files.createDirectory(temp.resolve("outside"));
    var canary = Files.writeString(outside.resolve("canary"), "outside");
    Files.delete(root.resolve("etc/resolv.conf"));
    Files.createSymbolicLink(root.resolve("etc/resolv.conf"), canary);
    Files.delete(root.resolve("dev"));
    Files.createSymbolicLink(root.resolve("dev"), outside);
    var mounts =
        List.<StepMount>of(StepMount.Content.provided("/etc/resolv.conf", new byte[] {65}));
    var programs = Files.createDirectory(temp.resolve("bundles"));
    try (var sandbox = Sandbox.tried(kind, programs, programs)) {
      var step = step(mounts, Allowance.USUAL, "echo x > /etc/resolv.conf");
      var failure = assertThrows(BuildFailure.class, () -> run(sandbox, step));
      assertTrue(failure.message().contains("mount point /dev: "), failure.message());
      Files.delete(root.resolve("dev"));
      Files.createDirectory(root.resolve("dev"));
      try {
        run(sandbox, step);
      } catch (BuildFailure e) {
        assertEquals(BuildFailure.Kind.SANDBOX, e.kind());
      }
    }
    assertEquals("outside", Files.readString(canary));
    try (var entries = Files.list(outside)) {
      assertEquals(List.of(canary), entries.toList());
    }
  }

  /// Reliability case 92.
  @ParameterizedTest
  @CsvSource({
    "1.1.5, 2",
    "1.2.7, 2",
    "1.2.8, 1",
    "1.3.2, 2",
    "1.3.3, 1",
    "1.3.6, 0",
    "1.4.0-rc.2, 2",
    "1.4.0-rc.3, 1",
    "1.4.0, 1",
    "1.4.3, 0",
    "1.5.0-rc.2, 1",
    "1.5.0-rc.3, 0",
    "1.5.0, 0",
    "2.0.0, 0",
  })
  void holesOfReleasesAreKnown(String version, int holes) {
    assertEquals(holes, new RuntimeVersion(SandboxKind.RUNC, version).holes().size());
    assertEquals(List.of(), new RuntimeVersion(SandboxKind.CRUN, version).holes());
  }

  @Test
  void versionsAreReadAsTheyArePrinted() {
    var debian =
        "runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\nspec: 1.0.2-dev\ngo: go1.19.8\n";
    var parsed = RuntimeVersion.parse(SandboxKind.RUNC, debian).orElseThrow();
    assertEquals("1.1.5+ds1-1+deb12u1", parsed.text());
    assertTrue(parsed.isPatched());
    assertTrue(parsed.warning().orElse("").contains("CVE-2025-52881"));
    var plain = "runc version 1.3.3\ncommit: v1.3.3-0-gd842d771\nspec: 1.2.1\n";
    assertEquals("1.3.3", RuntimeVersion.parse(SandboxKind.RUNC, plain).orElseThrow().text());
    assertFalse(RuntimeVersion.parse(SandboxKind.RUNC, plain).orElseThrow().isPatched());
    var crun = "crun version 1.8.1\ncommit: f8a096be\nrundir: /run/crun\n";
    assertEquals(
        Optional.empty(), RuntimeVersion.parse(SandboxKind.CRUN, crun).orElseThrow().warning());
    assertTrue(RuntimeVersion.parse(SandboxKind.RUNC, "not found").isEmpty());
  }
}
