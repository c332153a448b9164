package dev.jbuild.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.linux.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Steps with another root directory and nothing else.
class ChrootTest extends StepBench {

  private static final byte[] CONTENT = "provided\n".getBytes(UTF_8);

  private Path own;
  private Sandbox chroot;

  @BeforeEach
  void open() throws IOException, InterruptedException {
    assumeFalse(Machine.inUserNamespace(), "device nodes are the machine's root's to make");
    own = Files.createDirectory(temp.resolve("own"));
    chroot = Sandbox.open(SandboxKind.find("chroot"), own, own);
  }

  @AfterEach
  void close() throws IOException {
    if (chroot != null) {
      chroot.close();
      try (var left = Files.list(own)) {
        assertEquals(List.of(), left.filter(each -> !each.endsWith("cache")).toList());
      }
    }
  }

  @Override
  Sandbox sandbox() {
    return chroot;
  }

  @Test
  void anExitCodeAndASignalAreTold() throws Exception {
    assertEquals(ExitStatus.exited(3), run(shell("exit 3")));
    assertEquals(ExitStatus.killed(15), run(shell("kill -TERM $$")));
    assertEquals(127, run(StepSpec.of(root, "/nowhere")).code());
  }

  @Test
  void case98WhatAStepLeavesBehindIsKilled() throws Exception {
    var words = List.of(sleep(), sleep(), sleep());
    var script =
        """
        sleep %s &
        setsid sh -c 'sleep %s & setsid sh -c "sleep %s & exit" & exit' &
        sleep 0.2
        echo done
        """
            .formatted(words.toArray());
    assertEquals("done\n", outputOf(shell(script)));
    for (var word : words) {
      assertFalse(isRunning(word), word);
    }
  }

  @Test
  void manyLeftoversAreKilled() throws Exception {
    var word = sleep();
    outputOf(shell("i=0; while [ $i -lt 400 ]; do setsid sleep " + word + " & i=$((i+1)); done"));
    assertFalse(isRunning(word));
  }

  @Test
  void case99NothingSurvivesAKilledJbuild() throws Exception {
    var words = List.of(sleep(), sleep(), sleep(), sleep());
    var script =
        "setsid sleep %s & setsid sh -c 'setsid sleep %s & sleep %s' & sleep %s"
            .formatted(words.toArray());
    var child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                StepChild.class.getName(),
                Files.createDirectory(temp.resolve("child")).toString(),
                root.toString(),
                "1000",
                script,
                "chroot")
            .inheritIO()
            .start();
    try {
      for (var word : words) {
        assertTrue(isRunningSoon(word), word);
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    for (var word : words) {
      assertTrue(isGoneSoon(word), word);
    }
  }

  @Test
  void case93AStepHasItsUserAndGroupsOnly() throws Exception {
    var user = new StepUser(1000, 100, List.of(7L));
    assertEquals("1000\n100 7\n", outputOf(shell(user, "id -u; id -G")));
    assertFalse(run(shell(user, "mkdir /x")).isSuccess());
    assertFalse(run(shell("mount -t tmpfs x /tmp")).isSuccess());
  }

  @Test
  void devicesAndAFewFactsOfTheMachine() throws Exception {
    assertEquals(
        "fd\nfull\nnull\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n",
        outputOf(shell("ls /dev")));
    var user = new StepUser(1000, 1000, List.of());
    assertEquals(
        "ok\n",
        outputOf(
            shell(
                user,
                "echo x > /dev/null && : > /dev/shm/x && [ -s /proc/cpuinfo ] && [ ! -e /proc/self"
                    + " ] && echo ok")));
  }

  @Test
  void javaIsToldWhereItIs() throws Exception {
    var script = "echo $LD_ORIGIN_PATH";
    assertEquals("/\n", outputOf(step("A=/x", "echo $LD_ORIGIN_PATH/")));
    assertEquals("/opt/java/bin\n", outputOf(step("JAVA_HOME=/opt/java", script)));
  }

  private StepSpec step(String variable, String script) {
    return step(List.of("/bin/sh", "-c", script), List.of(variable), "/", StepUser.ROOT, List.of());
  }

  private List<StepMount> mounts() throws IOException {
    var cache = Files.createDirectories(own.resolve("cache/c"));
    Files.writeString(cache.resolve("old"), "");
    return List.of(
        StepMount.Content.provided("/etc/resolv.conf", CONTENT),
        new StepMount.Content("/run/secrets/s", CONTENT, 0400, 5, 6, true),
        new StepMount.Tmpfs("/tmp", 0),
        new StepMount.Bind(own.resolve("cache"), "c", "/var/cache/x", true, false));
  }

  /// Case 101: names, modes, owners and times of all that is there.
  private String everything() throws IOException, InterruptedException {
    var find = new ProcessBuilder("find", ".", "-printf", "%p %m %U:%G %y %s %T@\\n");
    var process = find.directory(root.toFile()).start();
    var text = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor());
    return text;
  }

  @Test
  void case101MountsAreThereForTheStepAndLeaveNoTrace() throws Exception {
    Files.writeString(root.resolve("etc/resolv.conf"), "the image's own");
    Files.writeString(root.resolve("tmp/hidden"), "");
    Files.createDirectories(root.resolve("dev/of-the-image"));
    var before = everything();
    var script =
        """
        cat /etc/resolv.conf /run/secrets/s; stat -c '%a %u:%g' /run/secrets/s
        ls /tmp /var/cache/x; touch /tmp/new /var/cache/x/new /dev/new; echo x > /etc/resolv.conf
        """;
    assertEquals(
        "provided\nprovided\n400 5:6\n/tmp:\n\n/var/cache/x:\nold\n",
        outputOf(shell(mounts(), script)));
    assertEquals(before, everything());
    assertTrue(Files.exists(own.resolve("cache/c/new")), "a cache keeps what a step put there");
  }

  @Test
  void aHardLinkJoinsNoCacheWithTheImage() throws Exception {
    var script =
        """
        cd /var/cache/x; mkdir -p d; echo data > d/f; ln d/f d/g; ln d/f /leak
        chown 5:6 d/f; chmod 4711 d/f
        echo image > /image; ln /image i; echo two > two; ln two d/two; touch -d @7 d/f d
        """;
    outputOf(shell(mounts(), script));
    var cache = own.resolve("cache/c");
    var state = "cd /var/cache/x; stat -c '%n %h %u:%g %a %Y' d d/f i two /leak /image";
    assertEquals(
        """
        d 2 0:0 755 7
        d/f 2 5:6 4711 7
        i 1 0:0 644
        two 2 0:0 644
        /leak 1 5:6 4711 7
        /image 1 0:0 644
        """,
        outputOf(shell(mounts(), state)).replaceAll("644 [0-9]+", "644"));
    assertEquals(unixInode(cache.resolve("d/f")), unixInode(cache.resolve("d/g")));
    outputOf(shell("echo changed > /leak; echo changed > /image"));
    assertEquals("data\n", Files.readString(cache.resolve("d/g")));
    assertEquals("image\n", Files.readString(cache.resolve("i")));
  }

  private static Object unixInode(Path file) throws IOException {
    return Files.getAttribute(file, "unix:ino");
  }

  @Test
  void whatAStepWritesBesideAMountStays() throws Exception {
    outputOf(shell(mounts(), "echo 1 > /var/cache/mine; touch -d @7 /etc; rm -r /run"));
    assertTrue(Files.exists(root.resolve("var/cache/mine")));
    assertFalse(Files.exists(root.resolve("var/cache/x")));
    assertEquals(7000, Files.getLastModifiedTime(root.resolve("etc")).toMillis());
  }

  /// What is taken away is what was put there, wherever a step has moved it, and no link that it
  /// left leads anywhere (case 70, CVE-2024-23652).
  @Test
  void case70LinksInPlaceOfMountsLeadNowhere() throws Exception {
    var outside = Files.createDirectory(temp.resolve("outside"));
    Files.writeString(outside.resolve("resolv.conf"), "canary");
    Files.writeString(root.resolve("etc/resolv.conf"), "the image's own");
    var script =
        "mv /etc /etc2; ln -s OUT /etc; rm -r /var/cache/x; ln -s OUT /var/cache/x; mv /tmp /t;"
            + " ln -s OUT /tmp";
    outputOf(shell(mounts(), script.replace("OUT", outside.toString())));
    assertArrayEquals("canary".getBytes(UTF_8), Files.readAllBytes(outside.resolve("resolv.conf")));
    try (var all = Files.list(outside)) {
      assertEquals(1, all.count());
    }
    assertEquals("the image's own", Files.readString(root.resolve("etc2/resolv.conf")));
    assertFalse(Files.isSymbolicLink(own.resolve("cache/c")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"proc", "sys", "dev"})
  void case91ALinkInPlaceOfAMountPointIsRefused(String name) throws Exception {
    Files.delete(root.resolve(name));
    Files.createSymbolicLink(root.resolve(name), temp);
    var failure = assertThrows(BuildFailure.class, () -> run(shell("true")));
    assertTrue(failure.message().contains("/" + name), failure.message());
    assertEquals(BuildFailure.Kind.SANDBOX, failure.kind());
    assertTrue(Files.isSymbolicLink(root.resolve(name)));
  }

  @Test
  void whatCannotBeKeptIsRefusedByName() throws Exception {
    var step = StepSpec.of(root, "/bin/true");
    assertRefused(step, Network.NONE, Allowance.USUAL, "--network none");
    var privileged = new Allowance(true, OptionalLong.empty(), List.of());
    assertRefused(step, Network.HOST, privileged, "--security=insecure");
    var sized = new Allowance(false, OptionalLong.of(1 << 20), List.of());
    assertRefused(step, Network.HOST, sized, "--shm-size");
    var foreign = new StepMount.Bind(temp, "outside", "/x", true, true);
    Files.createDirectory(temp.resolve("outside"));
    var failure = assertThrows(BuildFailure.class, () -> run(shell(List.of(foreign), "true")));
    assertTrue(failure.message().contains("no directory of the machine"), failure.message());
    assertTrue(Files.exists(temp.resolve("outside")));
  }

  private void assertRefused(StepSpec step, Network network, Allowance allowance, String what) {
    var changed =
        new StepSpec(
            step.root(),
            step.argv(),
            step.environment(),
            step.directory(),
            step.user(),
            network,
            step.hostname(),
            step.mounts(),
            allowance,
            null);
    var failure = assertThrows(BuildFailure.class, () -> run(changed));
    assertEquals(BuildFailure.Kind.SANDBOX, failure.kind());
    assertTrue(failure.message().contains(what), failure.message());
  }
}
