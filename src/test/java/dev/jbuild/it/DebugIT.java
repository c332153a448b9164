package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A step that failed: kept, looked into, mended (cases 79, 105).
class DebugIT {

  private static final String SECRET = "S3CR3T-4711-hidden";

  /// Finds it, and not itself.
  private static final String PATTERN = "S3CR3T-4711[-]hidden";

  @RegisterExtension final Workbench bench = new Workbench();

  private TerminalDriver terminal(String... arguments) throws Exception {
    return new TerminalDriver(bench.directory(), bench.environment(), bench.command(arguments));
  }

  /// Nothing that the store has, or a process was started with, says the secret.
  private void assertNoSecret() {
    bench.sh("! grep -rq '" + PATTERN + "' store");
    assertNoSecretInProcesses();
  }

  private void assertNoSecretInProcesses() {
    bench.sh("! cat /proc/[0-9]*/cmdline 2>/dev/null | grep -aq '" + PATTERN + "'");
  }

  private void prepare(Workbench.Who who) {
    bench.as(who).base();
    bench.sh("printf %s $1 > secret; chmod 644 secret", SECRET);
    bench.file("file", "of the context");
    bench.dockerfile(
        """
        FROM base AS other
        RUN echo "from other" > /other
        FROM base
        ENV GREETING=hello
        RUN echo one > /one
        WORKDIR /none/../home/app
        RUN chown app .
        USER app
        RUN --mount=type=secret,id=s,target=/s,uid=1000,env=TOKEN \\
            --mount=type=bind,target=/ctx --mount=type=bind,from=other,target=/stage \\
            --mount=type=cache,target=/cache,uid=1000 --mount=type=tmpfs,target=/t \\
            cat /s; echo $TOKEN; echo left > left; echo kept > /cache/c; test -e /home/app/mended \\
              && cat /ctx/file /stage/other /cache/c
        """);
  }

  @ParameterizedTest
  @EnumSource(Workbench.Who.class)
  void aStepIsEnteredMendedAndRunAgain(Workbench.Who who) throws Exception {
    Tools.needRoot();
    prepare(who);
    var failed = bench.jbuild("--secret", "id=s,src=secret", "-t", "it:1", "context");
    failed.failsWith(4).saysOnError("Step inside:  jbuild debug").doesNotSay(SECRET);
    assertNoSecret();

    assertEquals("******\n", bench.jbuild("debug", "--log").succeeds().out());
    var inside =
        bench.jbuild(
            "debug", "--", "sh", "-c", "id -u; pwd; cat left /ctx/file; echo $GREETING; exit 7");
    assertEquals(7, inside.exitCode());
    assertEquals("1000\n/home/app\nleft\nof the contexthello\n", inside.out());
    inside.saysOnError("the secret \"s\" is not there");
    bench.jbuild("debug", "--before", "--", "test", "-e", "left").failsWith(1);
    bench.jbuild("debug", "stage-1", "1", "--", "cat", "/one").prints("one\n");
    bench.jbuild("debug", "stage-1", "2", "--", "pwd").succeeds().prints("/home/app\n");

    try (var terminal = terminal("debug", "--secret", "id=s,src=secret")) {
      terminal.until("debug\\$ ");
      terminal.type("cat /s | wc -c; ls -l /.jbuild/calls\r").until("18");
      terminal.until("debug\\$ ");
      terminal.type("retry\r").until("exit code 1");
      terminal.type("nonsense\r").until("not found");
      terminal.type(
          "cp /s /tmp/copy-of-the-secret\r"
              + "cd /tmp\r"
              + "touch /home/app/mended\r"
              + "export GREETING=x\r"
              + "retry\r");
      terminal.until("of the contextfrom other\\s+kept");
      terminal.until("exit code 0");
      assertNoSecretInProcesses();
      terminal.type("exit\r").until("without /tmp/copy-of-the-secret");
      terminal.until("the instruction succeeds now");
      terminal.until("RUN .*cd /tmp && touch /home/app/mended && export GREETING=x");
      assertEquals(0, terminal.exitCode());
      assertTrue(terminal.isRestored());
    }
    assertNoSecret();
    if (who == Workbench.Who.ROOT) {
      killedWithACopyOfTheSecret();
    }
    bench.jbuild("debug", "--", "test", "-e", "/home/app/mended").succeeds();
    bench.jbuild("debug", "--list", "--json").prints("\"Changed\": true");
    bench.jbuild("debug", "--rm", "--", "true").succeeds();
    bench.jbuild("debug", "--", "true").failsWith(125).saysOnError("no failed step is kept");
  }

  /// No image is made of such a step, and the next visit with the secret finds the copy (case 105).
  private void killedWithACopyOfTheSecret() throws Exception {
    try (var terminal = terminal("debug", "--secret", "id=s,src=secret")) {
      terminal.until("debug\\$ ");
      terminal.type("cp /s /tmp/by-hand && echo is-$((1+1))\r").until("is-2");
      terminal.process().destroyForcibly();
      terminal.process().onExit().get();
    }
    bench
        .jbuild("debug", "--rm", "stage-1", "1", "--", "true")
        .failsWith(125)
        .saysOnError("--rm forgets a failed step, and stage-1 1, RUN echo one > /one");
    var id = bench.sh("ls store/kept").text();
    bench.jbuild("commit", id, "x:1").failsWith(7).saysOnError("may hold the secret \"s\"");
    bench
        .jbuild("debug", "--", "test", "-e", "/tmp/by-hand")
        .succeeds()
        .saysOnError("jbuild was killed in this step, whose files may hold the secret \"s\"");
    bench.jbuild("commit", id, "x:1").failsWith(7);
    bench
        .jbuild("debug", "--secret", "id=s,src=secret", "--", "true")
        .succeeds()
        .saysOnError("without /tmp/by-hand");
    assertNoSecret();
    bench.jbuild("commit", "-q", id, "x:1").succeeds();
    bench.jbuild("rmi", "x:1").succeeds();
  }

  @Test
  void whatIsKeptGoesWithAGoodBuildAndWithAPrune() throws Exception {
    bench.base();
    bench.dockerfile("FROM base\nARG CODE=1\nRUN echo x > /x; exit $CODE\n");
    bench.jbuild("-t", "it:1", "context").failsWith(4);
    var root = bench.store().toString();
    bench
        .jbuild("--root", root, "-t", "it:1", "context")
        .failsWith(4)
        .saysOnError("jbuild --root " + root + " debug --log");
    assertEquals(1, kept());
    bench.jbuild("-t", "it:1", "--build-arg", "CODE=0", "context").succeeds();
    assertEquals(0, kept());
    bench.jbuild("-t", "it:1", "context").failsWith(4);
    bench.jbuild("debug", "--", "sh", "-c", "echo y > /y").succeeds();
    bench.jbuild("-t", "it:1", "--build-arg", "CODE=0", "context").succeeds();
    assertEquals(1, kept());
    bench.jbuild("rmi", "it:1", "base").succeeds();
    bench.jbuild("prune", "--force").succeeds();
    assertEquals("x\ny\n", bench.jbuild("debug", "--", "cat", "/x", "/y").succeeds().out());
    bench.jbuild("prune", "--all", "--force").succeeds();
    assertEquals(0, kept());
  }

  @Test
  void aBuildGoesOnAfterAGoodRetryAndCachesNothingOfIt() throws Exception {
    bench.base();
    bench.dockerfile(
        """
        FROM base
        RUN test -e /one && echo made > /made
        RUN test -e /two && cat /made
        RUN echo after > /after
        """);
    bench.jbuild("--on-error", "shell", "context").failsWith(2).saysOnError("needs a terminal");
    for (var sandbox : List.of("namespaces", "chroot")) {
      try (var terminal =
          terminal("--on-error=shell", "--sandbox=" + sandbox, "-t", "it:1", "context")) {
        for (var file : List.of("one", "two")) {
          terminal.until("debug\\$ ");
          terminal.type("touch /" + file + "; retry\r").until("exit code 0");
          terminal.type("exit\r").until("RUN touch /" + file);
        }
        assertEquals(0, terminal.exitCode());
      }
      bench.jbuild("run", "it:1", "cat", "/made", "/after").prints("made\nafter\n");
      bench.jbuild("history", "it:1").prints("changed by hand");
      bench.jbuild("context").failsWith(4).doesNotSay("cached");
    }
    try (var terminal = terminal("--on-error", "shell", "context")) {
      terminal.until("debug\\$ ");
      terminal.type("touch /mine\r\004").until("the build stops");
      assertEquals(4, terminal.exitCode());
    }
    bench.jbuild("debug", "--", "test", "-e", "/mine").succeeds();
  }

  /// Case 99, for a RUN, for a shell in one that failed, and for the one of `--on-error`. A hundred
  /// times: `-Djbuild.rounds=100`.
  @Test
  void killedInAStepOrInAShellNothingIsLeftAndAllGoesOn() throws Exception {
    bench.base();
    bench.dockerfile(
        """
        FROM base
        RUN echo one > /one
        ARG CODE=1
        RUN (setsid sleep 7331 &); echo x > /x; sleep 0.5; exit $CODE
        """);
    bench.jbuild("context").failsWith(4);
    long seed = System.nanoTime();
    var random = new Random(seed);
    var commands =
        List.of(
            new String[] {"--progress=plain", "context"},
            new String[] {"debug"},
            new String[] {"--on-error=shell", "context"});
    int rounds = Integer.getInteger("jbuild.rounds", commands.size());
    for (int round = 0; round < rounds; round++) {
      var isShell = round % commands.size() > 0;
      try (var terminal = terminal(commands.get(round % commands.size()))) {
        terminal.until(isShell ? "debug\\$ " : "stage-0 2  RUN");
        if (isShell) {
          terminal.type("touch /round-" + round + "; sleep 7332 & sleep 0.1\r");
        }
        Thread.sleep(random.nextInt(600));
        terminal.process().destroyForcibly();
        terminal.process().onExit().get();
        awaitNothing(seed);
      }
      // Two if it was killed when one was kept and the one before was not yet removed.
      assertTrue(kept() == 1 || (!isShell && kept() == 2), "seed " + seed);
      if (isShell) { // no lock is left
        bench.jbuild("debug", "--", "cat", "/x").succeeds();
      }
      bench.jbuild("context").failsWith(4).saysOnError("RUN echo one > /one  cached");
      assertEquals(1, kept(), "seed " + seed);
    }
    bench.jbuild("--build-arg", "CODE=0", "context").succeeds();
    bench.jbuild("store", "check").succeeds();
    bench.sh("test -z \"$(ls store/tmp store/leases | grep -v :)\"");
  }

  /// Everything that was killed goes.
  private void awaitNothing(long seed) throws Exception {
    for (int i = 0; i < 400; i++) {
      if (left().isEmpty()) {
        return;
      }
      Thread.sleep(50);
    }
    assertEquals(List.of(), left(), "seed " + seed);
  }

  /// Processes and mounts below the desk, and steps, which are called otherwise.
  private List<String> left() throws Exception {
    var left = new ArrayList<>(Workbench.processesBelow(bench.directory()));
    ProcessHandle.allProcesses()
        .map(each -> each.info().commandLine().orElse(""))
        .filter(line -> line.matches(".*sleep 733[12]"))
        .forEach(left::add);
    Files.readString(Path.of("/proc/self/mountinfo"))
        .lines()
        .filter(line -> line.contains(bench.directory().toString()))
        .forEach(left::add);
    return left;
  }

  private long kept() throws Exception {
    try (var list = Files.list(bench.store().resolve("kept"))) {
      return list.count();
    }
  }

  @Test
  void anImageWithoutAShellIsEnteredWithTools() throws Exception {
    bench.base();
    bench.sh("mkdir context/none && cp /bin/busybox context/none/nothing");
    bench.dockerfile("FROM scratch\nCOPY none/nothing /false\nRUN [\"/false\"]\n");
    bench.jbuild("-t", "it:1", "context").failsWith(4);
    try (var terminal = terminal("debug")) {
      terminal.until("--with-tools");
      assertEquals(125, terminal.exitCode());
    }
    try (var terminal = terminal("debug", "--with-tools")) {
      terminal.until("debug\\$ ");
      terminal.type("ls /\r").until("false");
      terminal.until("debug\\$ ");
      terminal.type("retry\r").until("exit code 1");
      terminal.type("\004").until("still fails");
      assertEquals(1, terminal.exitCode());
    }
    assertFalse(bench.jbuild("debug", "--", "/false").exitCode() == 0);
    bench.sh("! find store/kept | grep -q jbuild$");
  }
}
