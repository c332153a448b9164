package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The sandbox, as root and as an ordinary user with subordinate ids: what a step is, sees and may.
class RootlessIT {

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void needRootToBecomeOthers() {
    Tools.needRoot();
  }

  private String run(String script) {
    return bench.jbuild("run", "it:1", "sh", "-c", script).succeeds().text();
  }

  @ParameterizedTest
  @EnumSource(Workbench.Who.class)
  void stepsHaveIdsOwnersAndModes(Workbench.Who who) {
    bench.as(who).base();
    bench
        .dockerfile(
            """
            FROM base
            RUN touch /r && chown 1000:1001 /r && chmod 4755 /r && mkdir -m 700 /s && chown app /s
            USER app
            RUN id > /tmp/id; touch /tmp/u; ! touch /etc/x
            """)
        .build();
    assertEquals(
        "/r 4755 1000:1001\n/s 700 1000:0\n/tmp/u 644 1000:1001",
        run("stat -c '%n %a %u:%g' /r /s /tmp/u"));
    assertTrue(run("cat /tmp/id").startsWith("uid=1000(app) gid=1001(app) groups="));
  }

  @ParameterizedTest
  @EnumSource(Workbench.Who.class)
  void isolation(Workbench.Who who) { // cases 86-88, 90, 93, 94
    bench.as(who).base().env("SECRET_OF_THE_CALLER", "s3cr3t");
    bench
        .dockerfile(
            """
            FROM base
            RUN ls /proc/self/fd | wc -l > /fds; env > /env; cat /proc/self/status > /status; \
                cat /proc/self/mountinfo > /mounts; hostname > /hostname; ps > /ps; \
                head -c 10 /proc/kcore > /kcore 2>/dev/null; ls /sys > /sys.txt; \
                (echo 1 > /proc/sys/kernel/panic) 2> /sysctl; true
            """)
        .build();
    var status = run("cat /status");
    assertTrue(status.contains("Seccomp:\t2"), status);
    assertTrue(status.contains("CapEff:\t00000000a80425fb"), status);
    assertTrue(status.contains("CapBnd:\t00000000a80425fb"), status);
    assertTrue(status.contains("CapInh:\t0000000000000000"), status);
    assertTrue(status.contains("NoNewPrivs:\t0"), status);
    assertTrue(!run("cat /env").contains("s3cr3t"));
    assertEquals("buildkitsandbox", run("cat /hostname"));
    assertEquals("devices", run("cat /sys.txt"));
    assertEquals("0", run("stat -c %s /kcore"));
    assertTrue(run("cat /sysctl").contains("Read-only"), run("cat /sysctl"));
    assertTrue(!run("cat /mounts").contains(bench.directory() + "/context"));
    assertEquals("4", run("cat /fds").strip(), "0, 1, 2 and the directory that ls reads");
  }

  /// git runs as the person, and a tar on standard input is a context for the person too.
  @Test
  void contextsOfAnOrdinaryUser() throws Exception {
    Tools.need("git");
    bench.as(Workbench.Who.USER).dockerfile("FROM scratch\nCOPY f /f\n").file("f", "f");
    bench.sh("tar -C context -cf c.tar .");
    bench.sh(
        """
        cp -r context repo && cd repo && git init -q && git add . \
          && git -c user.name=n -c user.email=n@h commit -q -m x && chown -R jbuildtest: .
        """);
    bench.jbuild("file://" + bench.directory().resolve("repo")).succeeds();
    var tar = Files.readAllBytes(bench.directory().resolve("c.tar"));
    bench.jbuild(tar, "-").succeeds().saysOnError("1 of 1 steps cached");
    bench.jbuild("context", "ls", "context").succeeds().prints("Dockerfile\nf\n");
  }

  @ParameterizedTest
  @EnumSource(Workbench.Who.class)
  void whatAStepLeavesRunningDiesWithIt(Workbench.Who who) { // case 98
    bench.as(who).base();
    bench.dockerfile("FROM base\nRUN setsid sleep 1000 & sleep 0.2; echo done > /done\n").build();
    assertEquals("done", run("cat /done"));
  }

  @ParameterizedTest
  @EnumSource(Workbench.Who.class)
  void destructiveStepsHurtNothingBelow(Workbench.Who who) { // case 102
    bench.as(who).base();
    bench.dockerfile(
        """
        FROM base
        RUN chmod -R 1777 /bin /dev /etc /tmp 2>/dev/null; mount -t tmpfs x /etc && touch /etc/mounted; exit 0
        RUN chmod 0 /bin; rm -rf /* 2>/dev/null; exit 0
        """);
    bench.jbuild("-t", "gone:1", "context").succeeds();
    bench.jbuild("store", "check").succeeds();
    bench.dockerfile("FROM base\nRUN ls /bin/busybox > /still\n").build();
    assertEquals("/bin/busybox", run("cat /still"));
  }

  @ParameterizedTest
  @EnumSource(Workbench.Who.class)
  void runFollowsEntrypointAndCmd(Workbench.Who who) {
    bench.as(who).base();
    bench.dockerfile("FROM base\nENTRYPOINT [\"echo\", \"e\"]\nCMD [\"c\", \"d\"]\n").build();
    assertEquals("e c d", bench.jbuild("run", "--rm", "it:1").succeeds().text());
    assertEquals("e x", bench.jbuild("run", "it:1", "x").succeeds().text());
    assertEquals(
        "other y", bench.jbuild("run", "--entrypoint", "/bin/echo", "it:1", "other", "y").text());
    assertEquals(7, bench.jbuild("run", "--entrypoint", "sh", "it:1", "-c", "exit 7").exitCode());
    assertEquals(127, bench.jbuild("run", "--entrypoint", "missing", "it:1").exitCode());
    assertEquals(126, bench.jbuild("run", "--entrypoint", "/etc/passwd", "it:1").exitCode());
    assertEquals(125, bench.jbuild("run", "--pull=never", "no-such-image").exitCode());
    assertEquals(
        "from stdin",
        bench
            .jbuild(
                "from stdin".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                "run",
                "-i",
                "--entrypoint",
                "cat",
                "it:1")
            .text());
  }

  @ParameterizedTest
  @EnumSource(Workbench.Who.class)
  void theSameInputGivesTheSameImageForEverybody(Workbench.Who who) throws Exception {
    bench.as(who).env("SOURCE_DATE_EPOCH", "1000000000").base();
    bench.file("f", "f");
    bench.sh("chmod 644 context/f");
    bench.dockerfile("FROM base\nCOPY f /f\nRUN mkdir /d && cp /f /d/g && rm /bin/vi\n");
    bench.jbuild("-q", "-o", "type=oci,dest=image.tar", "-t", "it:1", "context").succeeds();
    var digest = bench.sh("sha256sum < image.tar").text();
    var first = Digests.REMEMBERED.putIfAbsent("image", digest);
    assertTrue(first == null || first.equals(digest), "root and user differ");
    assertTrue(Files.exists(bench.directory().resolve("image.tar")));
  }

  /// What the first of a test's two runs saw.
  private static final class Digests {
    static final java.util.Map<String, String> REMEMBERED =
        new java.util.concurrent.ConcurrentHashMap<>();
  }
}
