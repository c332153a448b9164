package dev.jbuild.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.linux.Machine;
import dev.jbuild.sandbox.Allowance.Limit;
import dev.jbuild.sandbox.Allowance.Resource;
import java.util.List;
import java.util.OptionalLong;
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
}
