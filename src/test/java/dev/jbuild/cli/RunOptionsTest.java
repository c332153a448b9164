package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.build.RunRequest;
import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.sandbox.Capability;
import dev.jbuild.sandbox.StepMount;
import dev.jbuild.store.Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The options of `jbuild run`.
class RunOptionsTest {

  @TempDir Path temp;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private static Options options(String... words) {
    return new RunCommand().syntax().parse(List.of(words));
  }

  private RunRequest read(Map<String, String> environment, String... words) throws IOException {
    var all = new java.util.ArrayList<>(List.of(words));
    all.add("image");
    var options = options(all.toArray(String[]::new));
    var console = new Console(err, err, false, false, () -> 0);
    try (var store = Store.open(temp.resolve("store"))) {
      return RunOptions.read(options, List.of(), new Session(console, environment, options), store);
    }
  }

  private String mistake(String... words) {
    return String.valueOf(
        assertThrows(BuildFailure.class, () -> read(Map.of(), words)).getMessage());
  }

  @Test
  void variablesComeFromFilesTheEnvironmentAndTheCommandLine() throws IOException {
    var file = temp.resolve("env");
    Files.writeString(
        file, "\uFEFF# comment\n  A=\"x y\" # z\r\nB=\nHOME\nNOT_SET\n\nC=1=2\nD=file\n");

    var request =
        read(
            Map.of("HOME", "/h", "E", "5"), "--env-file=" + file, "-eD=option", "-e", "E", "-e=F=");

    assertEquals(
        Map.of(
            "A",
            "\"x y\" # z",
            "B",
            "",
            "HOME",
            "/h",
            "C",
            "1=2",
            "D",
            "option",
            "E",
            "5",
            "F",
            ""),
        request.environment());
    Files.writeString(file, "A=1\nS3CR3T value\n");
    assertEquals(
        "--env-file: " + file + ":2 has no variable name", mistake("--env-file", file.toString()));
    assertEquals("--env-file: /missing cannot be read", mistake("--env-file", "/missing"));
    assertEquals("-e takes NAME=VALUE or NAME", mistake("-e", "=x"));
  }

  @Test
  void mountsAreReadInEverySpellingAndSortedByDepth() throws IOException {
    var file = Files.writeString(temp.resolve("f"), "").toString();

    var mounts =
        read(
                Map.of(),
                "-v",
                file + ":/a/b/f:ro",
                "-v",
                temp + ":/a/../c/",
                "--mount",
                "type=bind,src=" + temp + ",dst=/a,readonly",
                "--mount=type=tmpfs,destination=/t,tmpfs-size=1m",
                "--tmpfs",
                "/run:rw,size=64k,nosuid")
            .mounts();

    var root = Path.of("/");
    assertEquals(
        List.of(
            new StepMount.Bind(root, temp.toString(), "/c", true, false),
            new StepMount.Bind(root, temp.toString(), "/a", true, true),
            new StepMount.Tmpfs("/t", 1 << 20, false),
            new StepMount.Tmpfs("/run", 64 << 10, false),
            new StepMount.Bind(root, file, "/a/b/f", false, true)),
        mounts);
  }

  @Test
  void aDirectoryThatIsMissingIsMadeAndToldOf() throws IOException {
    var missing = temp.resolve("x/y");
    read(Map.of(), "-v", missing + ":/data");
    assertTrue(Files.isDirectory(missing));
    assertEquals("made the directory " + missing + "\n", err.toString(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -v name:/x                           | -v name:/x: jbuild keeps no volumes, so a name is none
          -v /x                                | -v /x: jbuild keeps no volumes without a name
          -v /tmp:x                            | -v needs an absolute path in the container, not x
          -v /tmp:/                            | -v needs an absolute path in the container, not /
          -v /tmp:/x:rshared                   | -v does not know the mode rshared
          --mount type=volume,dst=/x           | --mount type=volume: jbuild keeps no volumes
          --mount type=bind,src=/no/such,dst=/x | --mount: there is no /no/such
          --mount type=bind,dst=/x             | --mount needs source=
          --mount type=bind,src=/tmp,dst=/x,tmpfs-size=1 | --mount: tmpfs-size is not for this type
          --mount type=bind,source=/tmp,dst=/x,oops=1 | --mount does not know oops
          --tmpfs /t:noexec                    | --tmpfs does not know the mode noexec
          --cap-add SYS_ADMIN                  | --cap-add SYS_ADMIN is not supported: the filter of system calls would still refuse what it is for
          --cap-add FLY                        | --cap-add does not know FLY
          --network br0                        | --network takes host or none, not br0
          --network none -P                    | with --network none no port of the container can be reached
          -w rel                               | -w needs an absolute path in the container, not rel
          -v /proc/nope/x:/y                   | -v: cannot make the directory /proc/nope/x: no such file or directory
          --hostname a_b                       | --hostname cannot be a_b
          """)
  void aMistakeIsNamed(String line, String message) {
    assertEquals(message, mistake(line.split(" ")));
  }

  @Test
  void twoMountsForOnePlaceAreRefused() {
    assertEquals("two mounts are for /x", mistake("-v", temp + ":/x", "--tmpfs", "/x"));
  }

  @Test
  void capabilitiesAreDroppedBeforeTheyAreAdded() throws IOException {
    assertEquals(Capability.STANDARD, read(Map.of()).allowance().capabilities());
    assertEquals(
        Set.of(Capability.NET_ADMIN),
        read(Map.of(), "--cap-drop=all", "--cap-add", "CAP_NET_ADMIN").allowance().capabilities());
    assertFalse(
        read(Map.of(), "--cap-drop", "chown")
            .allowance()
            .capabilities()
            .contains(Capability.CHOWN));
    assertFalse(
        read(Map.of(), "--cap-add=ALL").allowance().capabilities().contains(Capability.SYS_ADMIN));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          80              | false | port 80/tcp of the container is port 80 of this machine
          80:80/udp       | false | port 80/udp of the container is port 80 of this machine
          127.0.0.1:80:80 | false | port 80/tcp of the container is port 80 of this machine
          [::1]::80       | false | port 80/tcp of the container is port 80 of this machine
          90-92:90-92     | false | port 90-92/tcp of the container is port 90-92 of this machine
          8080:80         | true  | -p 8080:80: a container has the network of this machine, so what listens on 80/tcp there is at 80 of this machine, not at 8080
          """)
  void aPortIsToldOf(String port, boolean warns, String text) {
    assertEquals(List.of(new PublishedPorts.Notice(text, warns)), PublishedPorts.of(List.of(port)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "70000", "1:2:3:4", "80/icmp", "a:80", "92-90", "x"})
  void aPortThatIsNoneIsRefused(String port) {
    assertThrows(BuildFailure.class, () -> PublishedPorts.of(List.of(port)));
  }

  @ParameterizedTest
  @CsvSource({"SIGTERM,15", "term,15", "9,9", "SIGRTMIN+3,37", "RTMAX-1,63", "SIGPOLL,29"})
  void signalsHaveNumbers(String text, int number) {
    assertEquals(Optional.of(number), SignalNumbers.find(text));
    assertEquals(number, RunOptions.stopSignal(options("image"), text));
    assertEquals(number, RunOptions.stopSignal(options("--stop-signal", text, "image"), "SIGHUP"));
  }

  /// Every option of docker run is obeyed, or refused by name with a reason.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--detach",
        "-d",
        "--init",
        "--gpus=all",
        "--device=/dev/x",
        "--restart=always",
        "--pid=host",
        "--ipc=host",
        "--link=a",
        "--label=a=b",
        "--cpus=2",
        "--dns=1.1.1.1",
        "--sysctl=a=b",
        "--security-opt=seccomp=unconfined",
        "--userns=host",
        "--cidfile=x",
        "--sig-proxy=false"
      })
  void anOptionOfOthersIsRefusedByName(String option) {
    var name = option.split("=", 2)[0];
    var message =
        String.valueOf(
            assertThrows(BuildFailure.class, () -> RunRefused.check(options(option, "image")))
                .getMessage());
    assertTrue(message.startsWith(name + " is not supported: "), message);
  }

  @Test
  void whatIsSoAnywayIsTaken() {
    RunRefused.check(
        options("--init=false", "--restart=no", "--ipc=private", "--sig-proxy", "--pid=", "image"));
  }

  @Test
  void hIsForTheHostNameAsWithDocker() throws IOException {
    assertEquals(Optional.of("web"), read(Map.of(), "-h", "web").hostname());
    assertTrue(new Jbuild(temp).run("run", "-h").out().contains("--hostname"));
  }

  /// What stands behind the image is the program's own, whatever it looks like.
  @Test
  void wordsBehindTheImageAreLeftAlone() {
    var words = List.of("image", "ls", "-d", "--rm=true", "--detach", "--", "-i");
    var options =
        options(
            "--rm=true",
            "-ite",
            "A=1",
            "-v",
            "x:y",
            "--init=false",
            "image",
            "ls",
            "-d",
            "--rm=true",
            "--detach",
            "--",
            "-i");

    assertEquals(words, options.arguments());
    assertTrue(options.has("--rm") && options.has("--tty") && options.has("--interactive"));
    assertEquals(List.of("A=1"), options.values("--env"));
  }
}
