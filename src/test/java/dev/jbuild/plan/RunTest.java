package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// RUN and its mounts (dockerfile-rules.md 5).
class RunTest {

  private static RunStep step(String instruction) {
    return PlanBench.of(
            "FROM scratch AS other\nFROM scratch\nWORKDIR /w\nENV A=x\n" + instruction + "\n")
        .last(RunStep.class);
  }

  @Test
  void theShellFormIsOneArgumentOfTheShell() { // checklist 1
    assertEquals(List.of("/bin/sh", "-c", "echo a  b"), step("RUN echo a \\\n# c\n b").argv());
    assertEquals(List.of("/bin/sh", "-c", "echo $A '"), step("RUN echo $A '").argv());
    assertEquals(List.of("b", "c", "x y"), step("SHELL [\"b\", \"c\"]\nRUN x y").argv());
  }

  @Test
  void theExecFormIsTakenAsItIs() {
    assertEquals(List.of("$A", "b c"), step("RUN [\"$A\", \"b c\"]").argv());
  }

  @Test
  void aHeredocAloneIsTheScript() {
    assertEquals("one\ntwo\n", step("RUN <<EOF\none\ntwo\nEOF").argv().getLast());
    assertEquals(
        "one\n\ttwo\n",
        step("RUN <<-EOF\n\tone\n \ttwo\n\tEOF").argv().getLast().replace(" \t", "\t"));
  }

  @Test
  void aHeredocThatNamesItsInterpreterIsAFile() {
    var step = step("RUN <<EOF\n#!/usr/bin/python3\nprint($A)\nEOF");
    assertEquals(List.of("/bin/sh", "-c", "/dev/pipes/EOF"), step.argv());
    assertEquals("EOF", step.script().orElseThrow().name());
    assertEquals("#!/usr/bin/python3\nprint($A)\n", step.script().orElseThrow().content());
  }

  @Test
  void aHeredocInALineIsLeftToTheShell() {
    var argv = step("RUN cat <<A - <<-\"B\"\n1\nA\n\t2\n\tB").argv();
    assertEquals("cat <<A - <<-\"B\"\n1\nA\n\t2\nB", argv.getLast());
  }

  @Test
  void theProcessHasUserDirectoryAndFlags() {
    var step =
        step("USER u:g\nRUN --network=none --security=insecure --device=d,required --device=e x");
    assertEquals("u:g /w", step.user() + " " + step.directory());
    assertEquals(RunStep.Network.NONE, step.network());
    assertEquals(RunStep.Security.INSECURE, step.security());
    assertEquals(List.of("d"), step.devices());
    assertEquals("x", step.environment().get("A"));
  }

  @ParameterizedTest(name = "5 bind {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "target=/t                | Context[] / /t false",
        "type=bind,from=other,source=a/../b,target=t,rw | EarlierStage[index=0] /b /w/t true",
        "src=../$A,dst=/$A        | Context[] /x /x false",
        "from=OTHER,destination=/t,readwrite=false | EarlierStage[index=0] / /t false",
        "rw,ro,target=/t          | Context[] / /t false",
        "source=x                 | Context[] /x /w false",
        "ro=false,target=/t       | Context[] / /t true",
        "readonly,target=../../t  | Context[] / /t false",
        "rw=true,TARGET=/t        | Context[] / /t true",
        "from=,target=/t          | Context[] / /t false",
        "\\\"target=/a,b\\\",source=c | Context[] /c /a,b false",
      })
  void bindMountsAreResolved(String options, String expected) {
    var mount = (RunMount.Bind) step("RUN --mount=" + options + " x").mounts().getFirst();
    assertEquals(
        expected,
        mount.origin() + " " + mount.source() + " " + mount.target() + " " + mount.writable());
  }

  @ParameterizedTest(name = "5 cache {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "id=c                  | c Scratch[] / /w true SHARED 755 0 0",
        "target=/a/../t        | /t Scratch[] / /t true SHARED 755 0 0",
        "target=/t,readonly=true,mode=7777 | /t Scratch[] / /t false SHARED 7777 0 0",
        "target=/t/            | /t Scratch[] / /t true SHARED 755 0 0",
        "target=t              | t Scratch[] / /w/t true SHARED 755 0 0",
        "id=c,target=/t,sharing=LOCKED,mode=0700,uid=1,gid=2,ro"
            + " | c Scratch[] / /t false LOCKED 700 1 2",
        "target=/t,from=other,source=s,sharing=private"
            + " | /t EarlierStage[index=0] /s /t true PRIVATE 755 0 0",
      })
  void cacheMountsAreResolved(String options, String expected) {
    var mount =
        (RunMount.Cache) step("RUN --mount=type=cache," + options + " x").mounts().getFirst();
    assertEquals(
        expected,
        "%s %s %s %s %s %s %o %d %d"
            .formatted(
                mount.id(),
                mount.origin(),
                mount.source(),
                mount.target(),
                mount.writable(),
                mount.sharing(),
                mount.mode(),
                mount.uid(),
                mount.gid()));
  }

  @Test
  void cachesCanHaveANamespace() {
    var step =
        PlanBench.of("FROM scratch\nRUN --mount=type=cache,id=c,target=/t x\n")
            .args("BUILDKIT_CACHE_MOUNT_NS=ns")
            .last(RunStep.class);
    assertEquals("ns/c", ((RunMount.Cache) step.mounts().getFirst()).id());
  }

  @ParameterizedTest(name = "5 secret {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "id=s                | s /run/secrets/s - false 400 0 0",
        "id=a/s              | a/s /run/secrets/s - false 400 0 0",
        "src=s,required      | s /run/secrets/s - true 400 0 0",
        "target=/d/f         | f /d/f - false 400 0 0",
        "id=s,dst=f,mode=0444,uid=1000,gid=1000 | s /w/f - false 444 1000 1000",
        "id=s,env=TOKEN      | s - TOKEN false 400 0 0",
        "id=s,env=TOKEN,target=/f | s /f TOKEN false 400 0 0",
      })
  void secretsAreFilesOrVariables(String options, String expected) {
    var mount =
        (RunMount.Secret) step("RUN --mount=type=secret," + options + " x").mounts().getFirst();
    assertEquals(
        expected,
        "%s %s %s %s %o %d %d"
            .formatted(
                mount.id(),
                mount.target().orElse("-"),
                mount.variable().orElse("-"),
                mount.required(),
                mount.mode(),
                mount.uid(),
                mount.gid()));
  }

  @Test
  void agentSocketsAreNumbered() {
    var mounts =
        step("RUN --mount=type=ssh --mount=type=tmpfs,target=/t --mount=type=ssh,id=k,required x")
            .mounts();
    var first = (RunMount.Ssh) mounts.get(0);
    var second = (RunMount.Ssh) mounts.get(2);
    assertEquals("default /run/buildkit/ssh_agent.0", first.id() + " " + first.target());
    assertEquals("k /run/buildkit/ssh_agent.1", second.id() + " " + second.target());
    assertTrue(second.required());
    assertEquals(0600, first.mode());
  }

  @ParameterizedTest(name = "5 tmpfs size={0}")
  @CsvSource({"1024,1024", "1b,1", "2k,2048", "1.5m,1572864", "1GiB,1073741824", "64mb,67108864"})
  void memoryHasASize(String size, long bytes) {
    var step = step("RUN --mount=type=tmpfs,target=/t,size=" + size + " x");
    assertEquals(bytes, ((RunMount.Tmpfs) step.mounts().getFirst()).size().orElseThrow());
  }

  @Test
  void aTypeMayComeFromAVariable() {
    var text = "FROM scratch\nARG T=tmpfs\nRUN --mount=type=$T,target=/t x\n";
    assertTrue(
        PlanBench.of(text).last(RunStep.class).mounts().getFirst() instanceof RunMount.Tmpfs);
  }
}
