package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Case 145: what the kernel gives a process has limits, 128 KiB for one argument or variable and 2
/// MiB or more for all; within them a build works, beyond them it says which one is too large.
class LimitsIT {

  @RegisterExtension final Workbench bench = new Workbench();

  @Test
  void largeArgumentsWorkUpToTheKernelsLimitAndAreNamedBeyondIt() {
    Tools.needRoot();
    var many = new StringBuilder("FROM base\n");
    for (int i = 0; i < 10_000; i++) {
      many.append(i % 100 == 0 ? "\nENV" : "").append(" V").append(i).append('=').append(i);
    }
    many.append("\nRUN [ $V9999 = 9999 ] && : ").append("x".repeat(64 << 10)).append('\n');
    bench.base().dockerfile(many.toString()).jbuild("context").succeeds();

    var huge = "FROM base\nENV SMALL=1\nARG HUGE=" + "v".repeat(128 << 10) + "\nRUN true\n";
    var said = bench.dockerfile(huge).jbuild("-t", "it:1", "context").failsWith(4);
    said.saysOnError("too large").saysOnError("HUGE");
    assertFalse(said.err().contains("v".repeat(200)), "the value is shown");

    var all = new StringBuilder("FROM base\n");
    for (int i = 0; i < 40; i++) {
      all.append("ENV V").append(i).append("=").append("v".repeat(100_000 + i)).append('\n');
    }
    bench.dockerfile(all + "RUN true\n").jbuild("-t", "it:1", "context").failsWith(4);

    var script = "FROM base\nRUN <<EOF\n" + ": 0123456789\n".repeat(20_000) + "EOF\n";
    bench.dockerfile(script).jbuild("-t", "it:1", "context").failsWith(4).saysOnError("too large");
    bench.jbuild("inspect", "it:1").failsWith(7);
  }

  /// Case 97. A user who was given no control groups is told so, not left without the limit.
  @Test
  void aStepThatTakesTooMuchMemoryIsKilledAndToldWhy() {
    Tools.needRoot();
    bench.base();
    bench.dockerfile("FROM base\nRUN dd if=/dev/zero of=/dev/null bs=500M count=1\n");
    bench
        .jbuild("-m", "32m", "context")
        .failsWith(4)
        .saysOnError("killed (memory limit of 32 MiB)");
    bench.sh("chmod 777 . && rm -rf store rootfs");
    bench.as(Workbench.Who.USER).base();
    bench
        .jbuild("--pids-limit=100", "context")
        .failsWith(8)
        .saysOnError("the limit of processes cannot be kept: ");
  }
}
