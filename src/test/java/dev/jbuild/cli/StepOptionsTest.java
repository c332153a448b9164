package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.build.SshAgents.Source;
import dev.jbuild.build.StepSettings;
import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.sandbox.Allowance.Limit;
import dev.jbuild.sandbox.Allowance.Resource;
import dev.jbuild.sandbox.Quota;
import dev.jbuild.sandbox.SandboxKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Options for RUN steps.
class StepOptionsTest {

  @TempDir Path temp;

  private static Options options(String... words) {
    var syntax = new Syntax("build", "", "");
    StepOptions.addTo(syntax);
    return syntax.values("S", "", "--no-cache-filter").parse(List.of(words));
  }

  private static StepSettings read(Map<String, String> environment, String... words) {
    var sink = new ByteArrayOutputStream();
    var options = options(words);
    return StepOptions.read(
        options, new Session(new Console(sink, sink, false, false, () -> 0), environment, options));
  }

  @Test
  void hostsHaveAddressesInAllSpellings() {
    var hosts =
        read(
                Map.of(),
                "--add-host=a:192.0.2.1",
                "--add-host=b=192.0.2.2",
                "--add-host=c:::1",
                "--add-host=d=[2001:db8::1]",
                "--add-host=host.docker.internal:host-gateway")
            .hosts();
    assertEquals(
        List.of("192.0.2.1", "192.0.2.2", "::1", "2001:db8::1", "127.0.0.1"),
        hosts.stream().map(StepSettings.Host::address).toList());
    assertEquals("host.docker.internal", hosts.getLast().name());
  }

  @Test
  void theSandboxIsThatOfTheOptionOrElseOfTheEnvironment() {
    var namespaces = Optional.of(SandboxKind.NAMESPACES);
    var variable = Map.of("JBUILD_SANDBOX", "namespaces");
    assertEquals(Optional.empty(), read(Map.of()).sandbox());
    assertEquals(Optional.empty(), read(variable, "--sandbox=auto").sandbox());
    assertEquals(namespaces, read(variable).sandbox());
    assertEquals(namespaces, read(Map.of(), "--sandbox=namespaces").sandbox());
    var wrong = assertThrows(BuildFailure.class, () -> read(Map.of("JBUILD_SANDBOX", "vm")));
    assertEquals(BuildFailure.Kind.USAGE, wrong.kind());
    assertTrue(wrong.message().startsWith("JBUILD_SANDBOX takes namespaces"), wrong.message());
  }

  @Test
  void limitsAndSizes() {
    var settings =
        read(
            Map.of(),
            "--ulimit=nofile=1:2",
            "--ulimit=nofile=1024:-1",
            "--ulimit=core=0",
            "--shm-size=64m");
    assertEquals(
        List.of(new Limit(Resource.NOFILE, 1024, -1), new Limit(Resource.CORE, 0, 0)),
        settings.limits());
    assertEquals(64 << 20, settings.sharedMemory().getAsLong());
    assertEquals(1 << 30, read(Map.of(), "--shm-size=1GB").sharedMemory().getAsLong());
  }

  @Test
  void grantsAreSpoken() { // case 72
    assertTrue(!read(Map.of()).mayBePrivileged());
    assertTrue(!read(Map.of(), "--allow=network.host").mayBePrivileged());
    assertTrue(read(Map.of(), "--allow", "network.host,security.insecure").mayBePrivileged());
  }

  @Test
  void stagesThatAreMadeAnew() {
    assertEquals(
        Set.of("a", "b", "c"),
        StepOptions.noCacheStages(options("--no-cache-filter=A,b", "--no-cache-filter", "c")));
  }

  @Test
  void anAgentIsASocketOrKeys() throws IOException {
    var socket = temp.resolve("socket");
    var key = Files.writeString(temp.resolve("key"), "");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      var environment = Map.of("SSH_AUTH_SOCK", socket.toString());
      var agents =
          read(
                  environment,
                  "--ssh=default",
                  "--ssh=socket=" + socket,
                  "--ssh=keys=" + key + "," + key)
              .agents()
              .sources();
      assertEquals(new Source.Socket(socket), agents.get("default"));
      assertEquals(new Source.Socket(socket), agents.get("socket"));
      assertEquals(new Source.Keys(List.of(key, key)), agents.get("keys"));
      for (var wrong :
          List.of("a=" + socket + "," + key, "a=" + temp, "a=" + temp.resolve("missing"))) {
        assertThrows(BuildFailure.class, () -> read(environment, "--ssh=" + wrong), wrong);
      }
      assertThrows(BuildFailure.class, () -> read(environment, "--ssh=a", "--ssh=a"));
    }
    var none = assertThrows(BuildFailure.class, () -> read(Map.of(), "--ssh=default"));
    assertEquals("--ssh default: SSH_AUTH_SOCK is not set: no agent runs here", none.message());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--add-host=a",
        "--add-host=:192.0.2.1",
        "--add-host=a:",
        "--add-host=a:b",
        "--add-host=a b:192.0.2.1",
        "--add-host=a\nb:192.0.2.1",
        "--add-host=a:192.0.2.1\n192.0.2.2 b",
        "--shm-size=0",
        "--shm-size=x",
        "--ulimit=nofile",
        "--ulimit=nofile=",
        "--ulimit=nofile=2:1",
        "--ulimit=nofile=-1:1",
        "--ulimit=nofile=1:2:3",
        "--ulimit=as=1",
        "--allow=device",
        "--allow=other",
        "--network=bridge",
      })
  void whatIsWrongIsUsage(String word) {
    var failure = assertThrows(BuildFailure.class, () -> read(Map.of(), word));
    assertEquals(BuildFailure.Kind.USAGE, failure.kind());
  }

  @Test
  void quotasAreWrittenAsForDocker() {
    var quota = read(Map.of(), "-m", "64m", "--memory-swap=1g", "--pids-limit=50").quota();
    assertEquals(64L << 20, quota.memory().orElseThrow());
    assertEquals(1L << 30, quota.memoryAndSwap().orElseThrow());
    assertEquals(50, quota.processes().orElseThrow());
    var free = read(Map.of(), "--memory=64m", "--memory-swap=-1", "--pids-limit=-1").quota();
    assertEquals(-1, free.memoryAndSwap().orElseThrow());
    assertTrue(free.processes().isEmpty());
    assertEquals(Quota.NONE, read(Map.of(), "--memory=0").quota());
    for (var wrong :
        List.of("--memory=much", "--memory-swap=1g", "--pids-limit=-2", "--pids-limit=few")) {
      assertThrows(BuildFailure.class, () -> read(Map.of(), wrong), wrong);
    }
    assertThrows(BuildFailure.class, () -> read(Map.of(), "-m", "2g", "--memory-swap=1g"));
    var docker =
        read(Map.of(), "-m", "1m", "--resource=memory=64m", "--resource", "memory-swap=1g").quota();
    assertEquals(64L << 20, docker.memory().orElseThrow());
    assertEquals(1L << 30, docker.memoryAndSwap().orElseThrow());
    for (var other : List.of("--resource=cpu-quota=1", "--resource=x=1", "--resource=memory")) {
      assertThrows(BuildFailure.class, () -> read(Map.of(), other), other);
    }
  }
}
