package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `jbuild doctor` where steps run and where they cannot (reliability case 104).
class DoctorIT {

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void needRootToBecomeOthers() {
    Tools.needRoot();
  }

  private Outcome doctor(String around) {
    var command = String.join(" ", bench.command("doctor"));
    return shell(around.formatted(command));
  }

  private Outcome shell(String script) {
    var environment = Map.of("JBUILD_ROOT", bench.store().toString());
    return Tools.run(bench.directory(), environment, List.of("sh", "-c", script));
  }

  private static void assertSays(Outcome outcome, int code, String... texts) {
    assertEquals(code, outcome.exitCode(), outcome.out() + outcome.err());
    for (var text : texts) {
      assertTrue(outcome.out().contains(text), outcome.out());
    }
  }

  @ParameterizedTest
  @EnumSource(Workbench.Who.class)
  void whereStepsRunItSaysSoAndLeavesNothing(Workbench.Who who) {
    bench.as(who);
    var json = Workbench.json(bench.jbuild("doctor", "--json").succeeds().out());
    assertEquals("namespaces", json.path("Sandbox").asText());
    assertFalse(json.findValuesAsText("State").contains("failed"), json.toString());
    assertFalse(Files.exists(bench.store()), "a question makes no store");
    assertEquals("context", bench.sh("ls -A").text());
  }

  @Test
  void whereTheyCannotItSaysWhyAndWhatToDo() {
    bench.sh("chmod 777 . && mkdir -m 777 s && mkdir noexec over l u w");
    assertSays(
        doctor("setpriv --reuid 4242 --regid 4242 --clear-groups %s"),
        8,
        "fail /etc/subuid  gives no IDs to 4242",
        "the user ID 4242 has no login name; as root add to /etc/subgid: 4242:");
    assertSays(
        doctor("setpriv --bounding-set -all --inh-caps -all %s"),
        8,
        "root may not make mounts here (unshare: ",
        "--cap-add SYS_ADMIN");
    assertSays( // runc can do without, and is never taken unless it is asked for
        doctor("setpriv --bounding-set -setpcap,-mknod %s"),
        8,
        "RUN steps cannot run here without --sandbox runc;");
    assertSays( // case 104, for somebody who wants another than the best
        doctor("env JBUILD_SANDBOX=chroot setpriv --bounding-set -chown %s"),
        8,
        "fail chroot ",
        "RUN steps cannot run here in the sandbox chroot, which was asked for");
    assertSays(
        doctor(
            "unshare -m sh -c 'mount -t tmpfs -o noexec x noexec; JBUILD_ROOT=$PWD/noexec/s %s'"),
        8,
        "mounted noexec",
        "--root DIR");
    assertSays(
        doctor(
            "unshare -m sh -c 'mount -t tmpfs x l && mkdir l/l l/u l/w && mount -t overlay -o"
                + " lowerdir=l/l,upperdir=l/u,workdir=l/w x over; JBUILD_ROOT=$PWD/over/s %s'"),
        0,
        "fail overlay",
        "a container's own root",
        "RUN steps run here, in the sandbox chroot.");
    assertEquals("", bench.sh("ls -A store s 2>/dev/null || true").text().replaceAll("s:|\\s", ""));
  }

  @Test
  void whatFailsElsewhereLeadsToIt() {
    bench.base();
    bench.dockerfile("FROM base\nRUN true\n");
    var failed =
        shell(
            "setpriv --bounding-set -all --inh-caps -all "
                + String.join(" ", bench.command("context")));
    assertEquals(8, failed.exitCode(), failed.err());
    assertTrue(failed.err().contains("jbuild doctor"), failed.err());
  }
}
