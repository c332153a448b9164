package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Bad input: one sentence, a place, a hint, an exit code, nothing half-written.
class ErrorsIT {

  @RegisterExtension final Workbench bench = new Workbench();

  @Test
  void aMissingSourceIsShownWithTheNearestName() {
    bench
        .file("target/app.jar", "x")
        .dockerfile("FROM scratch\nCOPY target /all\nCOPY traget/app.jar /app/\n");
    bench
        .jbuild("-t", "it:1", "context")
        .failsWith(5)
        .saysOnError("Dockerfile:3:6: COPY: no file matches \"traget/app.jar\" in the context")
        .saysOnError("3 | COPY traget/app.jar /app/")
        .saysOnError("^^^^^^^^^^^^^^")
        .saysOnError("did you mean target/app.jar?")
        .doesNotSay("COPY target /all"); // told before the first step
    bench
        .jbuild("--iidfile", "nowhere/id", "context")
        .failsWith(2)
        .saysOnError("--iidfile: there is no directory")
        .doesNotSay("COPY");
    bench.jbuild("inspect", "it:1").failsWith(7);
  }

  /// Not as the store, whose disk has room, and not as a bug.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "type=oci,dest=small/a.tar",
        "type=oci,tar=false,dest=small/layout",
        "type=docker,dest=small/a.tar",
        "type=tar,dest=small/a.tar",
        "type=local,dest=small/all"
      })
  void aFullDiskOfAnOutputIsNamed(String output) {
    Tools.needRoot();
    var large = new StringBuilder();
    for (var random = new Random(1); large.length() < 3 << 20; ) { // which nothing makes small
      large.append(Long.toString(random.nextLong(), Character.MAX_RADIX));
    }
    bench.file("large", large.toString());
    bench.dockerfile("FROM scratch\nCOPY large /\n");
    shell(
            "mkdir small; exec unshare -m sh -c 'mount -t tmpfs -o size=1m x small && exec \"$@\"'"
                + " - \"$0\" build -q -o \"$1\" context",
            output)
        .failsWith(7)
        .saysOnError("cannot write ")
        .saysOnError("small/")
        .saysOnError("o space left on device");
  }

  @Test
  void aFileOrStandardOutputThatIsFullIsNamed() {
    bench.file("a", "x").dockerfile("FROM scratch\nCOPY a /\n");
    var full = "cannot write /dev/full: No space left on device";
    bench.jbuild("--iidfile=/dev/full", "-t", "it:1", "context").failsWith(7).saysOnError(full);
    bench.jbuild("-o", "type=oci,dest=/dev/full", "context").failsWith(7).saysOnError(full);
    bench.jbuild("save", "-o", "/dev/full", "it:1").failsWith(7).saysOnError(full);
    bench
        .jbuild(
            "--dockerfile=context/Dockerfile",
            "--context=context",
            "--no-push",
            "--digest-file=/dev/full")
        .failsWith(7)
        .saysOnError(full);
    for (var command : List.of("images", "save it:1")) {
      shell("exec \"$0\" " + command + " >/dev/full")
          .failsWith(7)
          .saysOnError("standard output cannot be written: No space left on device");
    }
    // Who has gone does not want to know.
    var gone = shell("\"$0\" images | true").succeeds();
    assertEquals("", gone.err());
  }

  /// @param script in which `$0` is jbuild, and `$1` the first of `arguments`
  private Outcome shell(String script, String... arguments) {
    var command = new ArrayList<>(List.of("sh", "-c", script));
    command.add(bench.command().getFirst());
    command.addAll(List.of(arguments));
    return Tools.run(bench.directory(), Map.of("JBUILD_ROOT", bench.store().toString()), command);
  }

  @Test
  void anIgnoredSourceNamesTheRule() {
    bench.file("config/app.yml", "x").file(".dockerignore", "# c\n\nconfig/**\n");
    bench.dockerfile("FROM scratch\nCOPY config/app.yml /etc/\n");
    bench
        .jbuild("context")
        .failsWith(5)
        .saysOnError(".dockerignore")
        .saysOnError("!config/app.yml");
  }

  @Test
  void aLinkOutOfTheContextIsNotFollowed() throws Exception { // case 65
    Files.writeString(bench.directory().resolve("secret"), "s3cr3t");
    bench.sh("ln -s ../secret context/leak; ln -s / context/root");
    bench.dockerfile("FROM scratch\nCOPY leak /leak\n");
    bench.jbuild("-t", "it:1", "context").failsWith(5).saysOnError("Dockerfile:2:6");
    bench.dockerfile("FROM scratch\nCOPY root/etc/passwd /p\n");
    bench.jbuild("-t", "it:1", "context").failsWith(5);
    assertEquals("", bench.sh("grep -rl s3cr3t store || true").text());
  }

  @Test
  void aSourceCannotClimbOutOfTheContext() throws Exception { // case 64
    Files.writeString(bench.directory().resolve("secret"), "s3cr3t");
    bench.dockerfile("FROM scratch\nCOPY ../secret /\n");
    bench.jbuild("context").failsWith(5).saysOnError("Dockerfile:2:6");
  }

  @Test
  void anUnknownInstructionIsShownWithTheNearest() {
    bench.dockerfile("FROM scratch\n  COPPY a b\n");
    bench
        .jbuild("context")
        .failsWith(3)
        .saysOnError("Dockerfile:2:3:")
        .saysOnError("COPPY")
        .saysOnError("COPY");
  }

  @Test
  void anUnknownBaseSaysHowToGetOne() {
    bench.dockerfile("FROM nowhere:1\n");
    bench
        .jbuild("--pull=never", "context")
        .failsWith(3)
        .saysOnError("Dockerfile:1:6")
        .saysOnError("nowhere:1")
        .saysOnError("jbuild import");
  }

  @Test
  void wrongOptionsAreUsageErrors() {
    bench.jbuild("--no-such-option", "context").failsWith(2).saysOnError("--no-such-option");
    bench.jbuild("--builder=x", "context").failsWith(2).saysOnError("--builder");
    bench.jbuild("-t", "UPPER", "context").failsWith(2).saysOnError("lower case");
    bench.jbuild("build").failsWith(2);
    bench.jbuild("-t", "a:1", "no-such-directory").failsWith(5);
    bench.jbuild().failsWith(2);
  }

  @Test
  void aMissingDockerfileIsNamed() {
    bench.jbuild("context").failsWith(3).saysOnError("Dockerfile").saysOnError("-f");
  }

  @Test
  void aFailingStepTellsItsExitCodeAndKeepsWhatWasBuilt() {
    Tools.needRoot();
    bench.base().dockerfile("FROM base\nRUN echo out; echo err >&2; exit 3\n");
    bench
        .jbuild("-t", "it:1", "context")
        .failsWith(4)
        .saysOnError("out")
        .saysOnError("err")
        .saysOnError("exit code 3")
        .saysOnError("Dockerfile:2:1");
    assertFalse(bench.jbuild("images", "-q", "it").text().contains("sha256"));
  }

  @Test
  void terminalEscapesOfAStepAreMadeHarmless() { // case 85
    Tools.needRoot();
    bench.base().dockerfile("FROM base\nRUN printf '\\033[2J\\033]0;title\\007plain\\n'; false\n");
    var outcome = bench.jbuild("context").failsWith(4);
    assertTrue(outcome.err().contains("plain"));
    assertFalse(outcome.err().contains("\u001b[2J"), "clears the screen");
  }

  @Test
  void helpIsThereForEveryCommand() {
    for (var command :
        "build import run images history inspect tag rmi save load parse prune store version"
            .split(" ", -1)) {
      bench.jbuild(command, "--help").succeeds().prints("Usage").prints(command);
    }
    bench.jbuild("--help").succeeds().prints("jbuild import");
    bench.jbuild("--version").succeeds().prints("jbuild 0.1.0");
  }

  @Test
  void anUnreadableDirectoryIsNamedUnlessItIsIgnored() { // cases 138, 141
    Tools.needRoot(); // to become somebody who cannot read everything
    bench.as(Workbench.Who.USER).file("shut/x", "").file("ok", "");
    bench.dockerfile("FROM scratch\nCOPY . /\n");
    bench.sh("chown root:root context/shut && chmod 700 context/shut");
    bench.jbuild("context").failsWith(5).saysOnError("shut cannot be read");
    bench.file(".dockerignore", "shut\n");
    bench.jbuild("context").succeeds();
  }

  @Test
  void aTarWithPathsThatClimbIsRefused() throws Exception { // case 1
    bench.sh(
        """
        mkdir -p x; echo evil > evil; tar -C x -P -cf bad.tar ../evil
        """);
    bench.jbuild("import", "bad.tar", "bad:1").failsWith(5).saysOnError("../evil");
    bench.jbuild("inspect", "bad:1").failsWith(7);
  }

  @Test
  void whatIsNoTarIsRefused() {
    bench.file("x", "hello");
    bench.jbuild("import", "context/x", "bad:1").failsWith(5).saysOnError("context/x");
  }

  @Test
  void aFrontendIsNeitherFetchedNorRun() { // case 73, CVE-2024-23653
    bench.dockerfile("# syntax=127.0.0.1:1/evil/frontend\nFROM scratch\nLABEL a=b\n");
    var said = bench.jbuild("context").succeeds().err();
    assertEquals(2, said.split("evil/frontend", -1).length, said);
    bench.jbuild("--build-arg", "BUILDKIT_SYNTAX=docker/dockerfile:1", "context").succeeds();
  }

  @Test
  void aDockerfileThatIsALinkInATarIsNotFollowedOutside() { // case 76
    bench.sh("mkdir t; ln -s /etc/passwd t/Dockerfile; tar -C t -cf t.tar .");
    var said = bench.jbuild("t.tar").failsWith(3).err();
    assertFalse(said.contains("root:"), said);
  }

  @Test
  void parseReadsStandardInputAndGivesItBack() {
    var text = "FROM a\r\nRUN b \\\n c";
    bench.jbuild(text.getBytes(StandardCharsets.UTF_8), "parse", "-").succeeds().prints("RUN");
    var again =
        bench.jbuild(text.getBytes(StandardCharsets.UTF_8), "parse", "--format=dockerfile", "-");
    assertEquals(text, again.succeeds().text());
    bench.sh(
        "echo FROM a > d; bash -c 'exec \"$0\" parse -f <(cat d) .' " + bench.command().getFirst());
  }
}
