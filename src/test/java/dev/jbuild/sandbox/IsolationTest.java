package dev.jbuild.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a step can see and do (reliability cases 75 and 86 to 96).
class IsolationTest extends StepBench {

  private static final String STATUS =
      """
      cat /proc/self/status | while read key value rest; do
        case $key in
          Cap*|NoNewPrivs:|Seccomp:|SigIgn:|SigBlk:|Groups:|Uid:|Gid:) echo $key $value $rest;;
        esac
      done
      """;

  /// By a signal to the process group, or by the kernel for want of memory.
  @Test
  void aProgramThatWasStartedAheadAndKilledIsNoFailureOfTheStep() throws Exception {
    for (int i = 0; i < 20; i++) {
      sandbox().expectStep();
      var ahead = ahead();
      ahead.destroyForcibly();
      ahead.onExit().get(); // until then it may take what it is given
      assertEquals(ExitStatus.exited(3), run(shell("exit 3")));
    }
  }

  /// Nobody else's: its file lies in this test's directory.
  private ProcessHandle ahead() {
    while (true) {
      var found =
          ProcessHandle.current()
              .children()
              .filter(
                  each -> each.info().command().filter(c -> c.startsWith(temp + "")).isPresent())
              .findFirst();
      if (found.isPresent()) {
        return found.get();
      }
      Thread.onSpinWait();
    }
  }

  @Test
  void case93RootHasTheStandardCapabilitiesAndTheFilter() throws Exception {
    var capabilities = String.format("%016x\n", Capabilities.available());
    assertEquals(
        """
        Uid: 0 0 0 0
        Gid: 0 0 0 0
        Groups: 0
        SigBlk: 0000000000000000
        SigIgn: 0000000000000000
        CapInh: 0000000000000000
        CapPrm: C
        CapEff: C
        CapBnd: C
        CapAmb: 0000000000000000
        NoNewPrivs: 0
        Seccomp: 2
        """
            .replace("C\n", capabilities),
        outputOf(shell(STATUS)));
  }

  /// CVE-2023-25173: the primary group is one of the supplementary groups too.
  @Test
  void case93AnotherUserHasNoCapabilitiesAndExactlyItsGroups() throws Exception {
    var capabilities = String.format("%016x\n", Capabilities.available());
    assertEquals(
        """
        Uid: 1000 1000 1000 1000
        Gid: 100 100 100 100
        Groups: 7 100 2000
        SigBlk: 0000000000000000
        SigIgn: 0000000000000000
        CapInh: 0000000000000000
        CapPrm: 0000000000000000
        CapEff: 0000000000000000
        CapBnd: C
        CapAmb: 0000000000000000
        NoNewPrivs: 0
        Seccomp: 2
        """
            .replace("C\n", capabilities),
        outputOf(shell(new StepUser(1000, 100, List.of(7L, 2000L)), STATUS)));
  }

  @Test
  void case94NewUserNamespacesAreRefusedByTheFilter() throws Exception {
    var user = new StepUser(1000, 1000, List.of());
    assertFalse(run(shell(user, "unshare -U true")).isSuccess());
    assertFalse(run(shell("mount -t tmpfs x /tmp")).isSuccess());
  }

  @Test
  void case88OnlyThreeDescriptorsArrive() throws Exception {
    try (var _ = new FileInputStream("/dev/null")) {
      var script = "for f in /proc/self/fd/*; do [ -e $f ] && echo ${f##*/}; done; true";
      assertEquals("0\n1\n2\n", outputOf(shell(script)));
    }
  }

  @Test
  void case87OnlyTheGivenEnvironmentArrives() throws Exception {
    var environment = List.of("PATH=/nowhere:/bin", "A=b c", "EMPTY=", "BYTES=\udcff");
    var step = step(List.of("env"), environment, "/", StepUser.ROOT, List.of());
    assertEquals("PATH=/nowhere:/bin\nA=b c\nEMPTY=\nBYTES=\ufffd\n", outputOf(step));
  }

  @Test
  void case87ItIsTheFirstProcessAndSeesNoOther() throws Exception {
    assertEquals("1\n/proc/1\n", outputOf(shell("echo $$; echo /proc/[0-9]*")));
  }

  @Test
  void case86NothingOfTheMachineIsMounted() throws Exception {
    var script = "while read a b c d point rest; do echo $point; done < /proc/self/mountinfo";
    var kernel = Kernel.probe(temp);
    var expected = new TreeSet<>(List.of("/", "/dev", "/dev/pts", "/dev/shm", "/proc", "/sys"));
    if (!kernel.makesDevices()) {
      kernel.devices().forEach(name -> expected.add("/dev/" + name));
    }
    Stream.of(kernel.hiddenFiles(), kernel.hiddenDirectories(), kernel.readOnly())
        .flatMap(List::stream)
        .forEach(name -> expected.add("/proc/" + name));
    if (kernel.hasMessageQueues()) {
      expected.add("/dev/mqueue");
    }
    if (kernel.hasCpuDirectory()) {
      expected.add(Kernel.CPU_DIRECTORY);
    }
    var points = outputOf(shell(script)).lines().collect(Collectors.toCollection(TreeSet::new));
    assertEquals(expected, points);
  }

  @Test
  void case86TheMachinesFilesAreOutOfReach() throws Exception {
    Files.writeString(temp.resolve("canary"), "x");
    var script =
        """
        for p in CANARY /../../..CANARY /proc/1/rootCANARY /proc/1/cwd/../..CANARY; do
          [ -e $p ] && echo $p
        done
        true
        """;
    assertEquals("", outputOf(shell(script.replace("CANARY", temp.resolve("canary").toString()))));
  }

  @Test
  void case90PartsOfProcAreEmptyOrReadOnly() throws Exception {
    var kernel = Kernel.probe(temp);
    for (var name : kernel.hiddenFiles()) {
      assertEquals("", outputOf(shell("head -c 1 /proc/" + name)), name);
    }
    for (var name : kernel.hiddenDirectories()) {
      assertEquals("", outputOf(shell("ls /proc/" + name)), name);
    }
    assertTrue(kernel.readOnly().contains("sys"));
    assertFalse(run(shell("echo x > /proc/sys/kernel/domainname")).isSuccess());
    assertEquals("devices\n", outputOf(shell("ls /sys")));
    assertFalse(run(shell("mkdir /sys/x")).isSuccess());
    assertFalse(run(shell("touch /sys/devices/x")).isSuccess());
  }

  @Test
  void case90TheNullDeviceOfTheImageHidesNothing() throws Exception {
    var pattern = "/proc/sys/kernel/core_pattern";
    Files.createSymbolicLink(root.resolve("dev/null"), Path.of(pattern));
    assertEquals("c\n", outputOf(shell("echo x > /dev/null; [ -c /dev/null ] && echo c")));
    assertFalse(run(shell("echo x > " + pattern)).isSuccess());
  }

  @Test
  void case95OnlyTheStandardDevicesExist() throws Exception {
    var expected = new TreeSet<>(Kernel.probe(temp).devices());
    expected.addAll(List.of("fd", "ptmx", "pts", "shm", "stdin", "stdout", "stderr"));
    if (Kernel.probe(temp).hasMessageQueues()) {
      expected.add("mqueue");
    }
    var names = outputOf(shell("ls /dev")).lines().collect(Collectors.toCollection(TreeSet::new));
    assertEquals(expected, names);
    var user = new StepUser(1000, 1000, List.of());
    assertEquals("ok\n", outputOf(shell(user, "echo x > /dev/null && : > /dev/shm/x && echo ok")));
  }

  /// As a control group of devices refuses them, whatever the process holds.
  @Test
  void devicesAreMadeOnlyWhereThatWasTried() throws Exception {
    assertFalse(Kernel.probe(Path.of("/proc")).makesDevices());
    Kernel.probe(temp);
    try (var left = Files.newDirectoryStream(temp, "device-*")) {
      assertFalse(left.iterator().hasNext());
    }
  }

  /// What is done to devices here would hurt nobody if it were done to the machine's.
  @Test
  void case102DevicesOfTheMachineStayAsTheyAre() throws Exception {
    var kernel = Kernel.probe(temp);
    var before = modes(kernel.devices());
    var hidden = String.join(" ", kernel.hiddenFiles());
    var files = "for f in /dev/*; do [ -c $f ] && chmod a+rwt $f; done; cd /proc; chmod a+rwt ";
    run(shell(files + hidden)); // which is refused to a user
    assertEquals(before, modes(kernel.devices()));
    if (kernel.makesDevices()) {
      assertEquals("own\n", outputOf(shell("chmod a+t /dev/null && [ -k /dev/null ] && echo own")));
    }
  }

  private static List<String> modes(List<String> devices) throws IOException {
    var modes = new ArrayList<String>();
    for (var device : devices) {
      var path = Path.of("/dev", device);
      modes.add(path + " " + Files.getAttribute(path, "unix:mode"));
    }
    return modes;
  }

  @Test
  void case95AnyDeviceNodeIsUseless() throws Exception {
    var script = "mknod /tmp/null c 1 3 && [ -c /tmp/null ] && { cat /tmp/null || echo refused; }";
    assertTrue(outputOf(shell(script)).endsWith("refused\n"));
  }

  @Test
  void case96WithoutNetworkThereIsALoopbackInterfaceOnly() throws Exception {
    var shell =
        shell(
            "while read name rest; do echo $name; done < /proc/net/dev; while read a b; do [ \"$b\""
                + " = 127.0.0.1 ] && echo up; done < /proc/net/fib_trie; true");
    var step =
        new StepSpec(
            root, shell.argv(), List.of(), "/", StepUser.ROOT, Network.NONE, "h", List.of(), null);
    var lines = outputOf(step).lines().filter(line -> line.endsWith(":") || line.equals("up"));
    assertEquals(List.of("lo:", "up"), lines.distinct().toList());
  }

  @Test
  @Timeout(120) // nobody takes a connection that should not have been made
  void case96AServiceOfTheMachineIsReachedWithItsNetworkOnly() throws Exception {
    try (var server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      var shell = shell("nc 127.0.0.1 " + server.getLocalPort() + " < /dev/null");
      var answering = Thread.ofPlatform().daemon().start(() -> answer(server));
      assertEquals("here", outputOf(shell));
      answering.join();
      var none =
          new StepSpec(
              root,
              shell.argv(),
              List.of(),
              "/",
              StepUser.ROOT,
              Network.NONE,
              "h",
              List.of(),
              null);
      assertFalse(run(none).isSuccess());
    }
  }

  private static void answer(ServerSocket server) {
    try (var one = server.accept()) {
      one.getOutputStream().write("here".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void itHasTheHostNameItWasGiven() throws Exception {
    assertEquals("builder\n", outputOf(shell("hostname")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"proc", "sys", "dev"})
  void case91ALinkInPlaceOfAMountPointIsRefused(String name) throws Exception {
    Files.delete(root.resolve(name));
    Files.createSymbolicLink(root.resolve(name), Path.of("/tmp"));
    var failure = assertThrows(BuildFailure.class, () -> run(shell("true")));
    assertTrue(failure.message().contains("/" + name), failure.message());
    assertEquals(BuildFailure.Kind.SANDBOX, failure.kind());
  }

  @Test
  void case91ALinkAtTheTargetOfAMountIsFollowedInsideTheRootOnly() throws Exception {
    var outside = Files.writeString(temp.resolve("canary"), "outside");
    Files.delete(root.resolve("etc/resolv.conf"));
    Files.createSymbolicLink(root.resolve("etc/resolv.conf"), outside);
    var mounts = List.<StepMount>of(StepMount.Content.provided("/etc/resolv.conf", new byte[] {1}));
    var failure = assertThrows(BuildFailure.class, () -> run(shell(mounts, "true")));
    assertTrue(failure.message().contains("/etc/resolv.conf"), failure.message());

    Files.createDirectories(root.resolve(outside.toString().substring(1)).getParent());
    Files.writeString(root.resolve(outside.toString().substring(1)), "inside");
    outputOf(shell(mounts, "echo changed > /etc/resolv.conf"));
    assertEquals("outside", Files.readString(outside));
    assertEquals("inside", Files.readString(root.resolve(outside.toString().substring(1))));
  }

  @Test
  void nothingCanBeMountedOnProcOrSys() {
    for (var target : List.of("/proc", "/proc/self", "/sys")) {
      var mounts = List.<StepMount>of(new StepMount.Tmpfs(target, 0));
      assertThrows(BuildFailure.class, () -> run(shell(mounts, "true")), target);
    }
  }

  @Test
  void case75AWorkingDirectoryCannotBeALeakedDescriptor() throws Exception {
    for (int i = 0; i < 20; i++) {
      var directory = "/proc/self/fd/" + i;
      var step = step(List.of("/bin/sh"), List.of(), directory, StepUser.ROOT, List.of());
      var failure = assertThrows(BuildFailure.class, () -> run(step));
      assertTrue(failure.message().contains(directory), failure.message());
      var hint = failure.hint().orElse("what is in /proc"); // an open one is a pipe or a file
      assertTrue(hint.startsWith("what is in /proc"), hint);
    }
    var step = step(List.of("ls"), List.of(), "/proc/1/cwd", StepUser.ROOT, List.of());
    assertTrue(outputOf(step).contains("bin\n"));
  }

  @Test
  void aUserWhoMayNotEnterTheWorkingDirectoryStillStartsThere() throws Exception {
    Files.setPosixFilePermissions(
        root.resolve("root"), java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    var user = new StepUser(1000, 1000, List.of());
    var step = step(List.of("/bin/sh", "-c", "echo $PWD"), List.of(), "/root", user, List.of());
    assertEquals("/root\n", outputOf(step));
  }

  @Test
  void nothingIsLeftInTheRoot() throws IOException, InterruptedException { // 101
    var before = listing();
    outputOf(shell("true"));
    assertEquals(before, listing());
  }

  private List<String> listing() throws IOException {
    try (var all = Files.walk(root)) {
      return all.map(path -> path + " " + path.toFile().lastModified()).sorted().toList();
    }
  }
}
