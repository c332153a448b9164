package dev.jbuild.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.linux.Machine;
import dev.jbuild.sandbox.Allowance.Limit;
import dev.jbuild.sandbox.Allowance.Resource;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What a step may do and use beside the usual.
class AllowanceTest extends StepBench {

  private StepSpec step(Allowance allowance, String script) {
    return new StepSpec(
        root,
        List.of("/bin/sh", "-c", script),
        List.of(),
        "/",
        StepUser.ROOT,
        Network.HOST,
        "builder",
        List.of(),
        allowance,
        null);
  }

  private static Allowance limits(Limit... limits) {
    return new Allowance(false, OptionalLong.empty(), List.of(limits));
  }

  @Test
  void limitsAreTheStepsOwn() throws Exception {
    var allowance = limits(new Limit(Resource.NOFILE, 123, 456), new Limit(Resource.CORE, 0, 0));
    assertEquals(
        "123 456 0\n", outputOf(step(allowance, "echo $(ulimit -Sn) $(ulimit -Hn) $(ulimit -Hc)")));
  }

  @Test
  void aLimitAboveOursIsToldUnlessWeMayRaiseIt() throws Exception {
    var step = step(limits(new Limit(Resource.NOFILE, -1, -1)), "true");
    var failure = assertThrows(BuildFailure.class, () -> run(step)); // above fs.nr_open, for all
    assertTrue(failure.message().contains("setting the limit nofile"), failure.message());
    assertTrue(failure.hint().orElse("").contains("above jbuild's own"));
  }

  @Test
  void limitsThatMakeNoSenseAreNone() {
    assertThrows(IllegalArgumentException.class, () -> new Limit(Resource.NOFILE, 2, 1));
    assertThrows(IllegalArgumentException.class, () -> new Limit(Resource.NOFILE, -1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Limit(Resource.NOFILE, -2, -2));
    assertEquals(Resource.NOFILE, Resource.find("nofile").orElseThrow());
    assertTrue(Resource.find("NOFILE").isEmpty());
  }

  @Test
  void sharedMemoryHasItsSize() throws Exception {
    var script = "df -k /dev/shm | tail -n 1 | awk '{ print $2 }'";
    var small = new Allowance(false, OptionalLong.of(1 << 20), List.of());
    assertEquals("1024\n", outputOf(step(small, script)));
    assertEquals("65536\n", outputOf(step(Allowance.USUAL, script)));
  }

  @Test
  void aStepHasTheCapabilitiesItIsGivenAndNoMore() throws Exception {
    var one =
        new Allowance(
            false,
            OptionalLong.empty(),
            List.of(),
            Quota.NONE,
            Set.of(Capability.CHOWN, Capability.NET_ADMIN),
            false);
    var script = "grep -E '^Cap(Prm|Eff|Bnd):' /proc/self/status | tr -s '\t\n' ' '";
    var mask = "0000000000001001";
    assertEquals(
        "CapPrm: %1$s CapEff: %1$s CapBnd: %1$s ".formatted(mask), outputOf(step(one, script)));
  }

  @Test
  void aReadOnlyStepWritesToItsMountsAlone() throws Exception {
    var readOnly =
        new Allowance(
            false, OptionalLong.empty(), List.of(), Quota.NONE, Capability.STANDARD, true);
    var script =
        "for d in / /tmp /etc /dev /dev/shm; do touch $d/x 2> /dev/null && echo $d; done; true";
    assertEquals("/dev\n/dev/shm\n", outputOf(step(readOnly, script)));
  }

  @Test
  void aPrivilegedStepIsHeldBackByNothingButItsNamespaces() throws Exception {
    assumeFalse(Machine.inUserNamespace(), "an ordinary user has no privileges to give");
    var privileged = new Allowance(true, OptionalLong.empty(), List.of());
    var script =
        """
        grep -E '^(Seccomp|CapEff|CapBnd):' /proc/self/status | tr -s '\\t\\n' ' '
        mount -t tmpfs none /tmp && echo mounts
        mknod /tmp/null c 1 3 && mknod /null c 1 3 && echo > /null && echo devices
        [ -d /sys/class ] && mount | grep -q 'sysfs (rw' && echo sys
        mount | grep -c ' on /proc/'
        [ $$ = 1 ] && hostname
        """;
    var all = String.format("%016x", Capabilities.permitted());
    assertEquals(
        "CapEff: %s CapBnd: %s Seccomp: 0 mounts\ndevices\nsys\n0\nbuilder\n".formatted(all, all),
        outputOf(step(privileged, script)));
    assertTrue(!run(step(Allowance.USUAL, "mount -t tmpfs none /tmp 2> /dev/null")).isSuccess());
  }

  /// Case 97: the step dies, the machine does not notice, and nothing is left of the groups.
  @Test
  void aQuotaEndsAStepThatTakesTooMuch() throws Exception {
    var quota =
        new Quota(OptionalLong.of(32 << 20), OptionalLong.of(32 << 20), OptionalLong.of(20));
    var allowance = new Allowance(false, OptionalLong.empty(), List.of(), quota);
    assumeTrue(ControlGroups.ofThisProcess().find("memory").isPresent(), "no control groups");
    assumeTrue(Machine.uid() == 0 && !Machine.inUserNamespace(), "others have no groups");
    var left = ControlGroups.ofThisProcess().find("pids").orElseThrow().parents().getFirst();
    Files.createDirectories(left.resolve("jbuild-999999999-1")); // of a jbuild that was killed

    var huge = run(step(allowance, "dd if=/dev/zero of=/dev/null bs=200M count=1"));
    assertEquals(Optional.of("memory limit of 32 MiB"), huge.limit());
    assertFalse(huge.isSuccess());
    var bomb =
        run(
            step(
                allowance,
                "for i in 1 2 3 4 5; do (b() { b & b; }; b) & done; while :; do true & done"));
    assertEquals(Optional.of("pids limit of 20"), bomb.limit());
    assertEquals("fine\n", outputOf(step(allowance, "echo fine")));
    assertTrue(run(step(allowance, "exit 3")).limit().isEmpty());
    try (var groups =
        Files.newDirectoryStream(
            left, "jbuild-{999999999,PID}-*".replace("PID", "" + Machine.pid()))) {
      assertFalse(groups.iterator().hasNext());
    }
  }

  @Test
  void theControlGroupsOfTheMachineAreOutOfReach() throws Exception { // case 97, CVE-2023-25809
    assertEquals(
        "",
        outputOf(
            step(
                Allowance.USUAL,
                "ls /sys/fs 2>/dev/null; grep cgroup /proc/self/mountinfo || true")));
    assertEquals("/\n", outputOf(step(Allowance.USUAL, "cut -d: -f3 /proc/self/cgroup | sort -u")));
  }
}
