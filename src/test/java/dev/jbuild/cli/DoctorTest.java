package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.cli.Check.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What doctor says of machines that lack something (reliability case 104).
class DoctorTest {

  private static final String REFUSED = "unshare: unshare failed: Operation not permitted";

  @TempDir Path machine;
  private final Map<String, String> environment = new HashMap<>();
  private boolean namespaceWorks = true;

  /// A machine on which an ordinary user, ann, could run steps if the launcher had not failed.
  @BeforeEach
  void makeMachine() throws IOException {
    environment.put("PATH", "/usr/bin");
    environment.put("JBUILD_UID", "1000");
    environment.put("JBUILD_NO_IDS", "it did not work");
    file("/etc/passwd", "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n");
    file("/etc/subuid", "bob:100000:65536\nann:165536:65536\n");
    file("/etc/subgid", "1000:165536:65536\n");
    file("/proc/sys/user/max_user_namespaces", "15000\n");
    file("/proc/self/status", "NoNewPrivs:\t0\nSeccomp:\t0\nCapEff:\t000001ffffffffff\n");
    program("/usr/bin/unshare", "rwxr-xr-x");
    program("/usr/bin/newuidmap", "rwxr-xr-x");
    program("/usr/bin/newgidmap", "rwxr-xr-x");
    for (var name : List.of("newuidmap", "newgidmap")) {
      Files.setAttribute(machine.resolve("usr/bin/" + name), "unix:mode", 04755);
    }
  }

  private void file(String path, String text) throws IOException {
    var file = machine.resolve(path.substring(1));
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void program(String path, String mode) throws IOException {
    file(path, "");
    Files.setPosixFilePermissions(
        machine.resolve(path.substring(1)), PosixFilePermissions.fromString(mode));
  }

  private List<Check> checks() throws IOException, InterruptedException {
    return checks("/opt/jbuild/bin/jbuild");
  }

  private List<Check> checks(String launcher) throws IOException, InterruptedException {
    var host =
        new Host(
            machine,
            environment,
            command -> namespaceWorks ? new Host.Outcome(0, "") : new Host.Outcome(1, REFUSED));
    return new IdChecks(host, launcher).checks();
  }

  private static String text(List<Check> checks) {
    return checks.stream().map(Check::lines).collect(Collectors.joining("\n"));
  }

  /// What is told beside the launcher's own words, that the namespace alone works included.
  private List<String> failures() throws IOException, InterruptedException {
    var failed = checks().stream().filter(check -> check.state() == State.FAILED);
    return failed.skip(1).map(Check::lines).toList();
  }

  @Test
  void aMachineThatLacksNothingIsNotComplainedAbout() throws Exception {
    // Set-user-ID programs of somebody else than root help nobody, and a test cannot make root's.
    var own = (Integer) Files.getAttribute(machine.resolve("usr/bin/newuidmap"), "unix:uid") == 0;
    assertEquals(own ? 0 : 2, failures().size(), text(checks()));
    assertTrue(text(checks()).contains("fail user ids     it did not work"));
    environment.remove("JBUILD_NO_IDS");
    file(
        "/proc/self/uid_map",
        "         0       1000          1\n         1     165536      65536\n");
    assertEquals(
        List.of("ok   user ids     ann, root in a user namespace of 65537 user IDs"),
        checks().stream().map(Check::lines).toList());
    file("/proc/self/uid_map", "         0       1000          1\n");
    assertEquals(State.WARNING, checks().getFirst().state());
  }

  /// Whoever reads it has asked doctor.
  @Test
  void theLaunchersWordsDoNotSendToDoctorAgain() throws Exception {
    var said =
        Files.readAllLines(Path.of("src/main/launcher/jbuild")).stream()
            .map(line -> Pattern.compile(" echo \"(.* \\(.*doctor.*)\"").matcher(line))
            .filter(Matcher::find)
            .map(found -> found.group(1))
            .toList();
    assertEquals(2, said.size(), said.toString());
    for (var each : said) {
      environment.put("JBUILD_NO_IDS", each);
      assertFalse(text(checks()).contains("doctor"), text(checks()));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        // what is different | its text | what is told | and advised
        "/usr/bin/newuidmap|-|newuidmap|not found|install the package uidmap",
        "/usr/bin/newgidmap|-|newgidmap|not found|install the package uidmap",
        "/usr/bin/unshare|-|unshare|not found|install the package util-linux",
        "/etc/subuid|-|/etc/subuid|gives no IDs to ann|as root: usermod --add-subuids 231072-296607"
            + " ann",
        "/etc/subuid|ann:1:1000|/etc/subuid|only 1000 IDs to ann|usermod --add-subuids",
        "/etc/subgid|bob:1000000:65536|/etc/subgid|gives no IDs to ann|--add-subgids"
            + " 1065536-1131071",
        "/proc/sys/user/max_user_namespaces|0|sysctl|is 0|sysctl -w user.max_user_namespaces=",
        "/proc/sys/kernel/unprivileged_userns_clone|0|sysctl|root only|_userns_clone=1",
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns|1|apparmor|is 1|flags=(unconfined)"
            + " {",
        "/proc/self/status|\"NoNewPrivs:\t1\"|privileges|no_new_privs|allowPrivilegeEscalation"
      })
  void whatIsMissingIsNamedWithTheNarrowestRemedy(
      String file, String text, String name, String what, String advice) throws Exception {
    if (text.equals("-")) {
      Files.delete(machine.resolve(file.substring(1)));
    } else {
      file(file, text + "\n");
    }
    var found = failures().stream().filter(each -> each.startsWith("fail " + name)).toList();
    assertEquals(1, found.size(), text(checks()));
    assertTrue(found.getFirst().contains(what), found.getFirst());
    assertTrue(found.getFirst().contains(advice), found.getFirst());
  }

  @Test
  void aRangeIsNobodyElsesAndUsermodNeedsALoginName() throws Exception {
    environment.put("JBUILD_UID", "4242");
    var text = text(checks());
    assertTrue(text.contains("4242 has no login name; as root add to /etc/subuid"), text);
    assertTrue(text.contains("/etc/subgid: 4242:231072:65536"), text);
    assertFalse(text.contains("usermod"), text);
    environment.put("JBUILD_UID", "1000");
    file("/etc/subuid", "");
    file("/etc/subgid", "bad:x\n");
    assertTrue(text(checks()).contains("usermod --add-subuids 100000-165535 ann"));
  }

  @Test
  void aProgramThatLostItsRightsIsNamed() throws Exception {
    program("/usr/bin/newuidmap", "rwxr-xr-x");
    assertTrue(text(checks()).contains("newuidmap is neither set-user-ID nor has it"));
  }

  /// As apparmor_parser reads it: spaces need quotes, and some characters are a pattern.
  @Test
  void theProfileIsForThePathAsItIs() throws Exception {
    file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1");
    var told = text(checks("/opt/my {old} j*/bin/jbuild"));
    assertTrue(told.contains("profile jbuild \"/opt/my \\{old\\} j\\*/bin/jbuild\" flags="), told);
  }

  @Test
  void aFilterAroundTheNamespaceIsNamedWithTheCall() throws Exception {
    namespaceWorks = false;
    file("/proc/self/status", "NoNewPrivs:\t0\nSeccomp:\t2\n");
    file("/proc/self/attr/current", "docker-default (enforce)\n");
    var text = text(checks());
    assertTrue(text.contains("unshare(CLONE_NEWUSER) is refused: " + REFUSED), text);
    assertTrue(text.contains("seccomp=unconfined"), text);
    assertTrue(text.contains("docker-default (enforce)"), text);
  }

  @Test
  void rootInAContainerLearnsWhatTheContainerLacks() throws Exception {
    environment.put("JBUILD_UID", "0");
    file("/proc/self/status", "Seccomp:\t2\nCapEff:\t00000000a80425fb\n");
    assertTrue(text(checks()).contains("CAP_SYS_ADMIN is missing"), text(checks()));
    file("/proc/self/status", "Seccomp:\t2\nCapEff:\t00000000a82425fb\n");
    assertTrue(text(checks()).contains("a seccomp filter is around"), text(checks()));
    assertFalse(text(checks()).contains("CAP_SYS_ADMIN"), text(checks()));
  }

  private String tools() {
    var host = new Host(machine, environment, _ -> new Host.Outcome(0, ""));
    return text(new ToolChecks(host).checks(machine.resolve("bin/jbuild")));
  }

  @Test
  void whatIsAroundIsFoundWithoutItsSecrets() throws Exception {
    environment.put("HOME", "/home/ann");
    environment.put("https_proxy", "http://ann:s3cr3t@proxy.example:3128");
    environment.put("NO_PROXY", "localhost");
    program("/usr/bin/git", "rwxr-xr-x");
    file(
        "/home/ann/.docker/config.json",
        """
        {"auths": {"r.example": {"auth": "YW5uOnMzY3IzdA=="}}, "credsStore": "pass",
         "credHelpers": {"gcr.io": "gcloud"}}
        """);
    program("/usr/bin/docker-credential-pass", "rwxr-xr-x");
    var text = tools();
    assertTrue(text.contains("ok   git"), text);
    assertTrue(text.contains("ssh          not found"), text);
    assertTrue(text.contains("docker-credential-pass"), text);
    assertTrue(
        text.contains("names the helper docker-credential-gcloud, which is not found"), text);
    assertTrue(text.contains("HTTPS_PROXY proxy.example:3128, NO_PROXY localhost"), text);
    assertFalse(text.contains("s3cr3t") || text.contains("YW5u"), text);
  }

  @Test
  void aConfigurationThatCannotBeReadIsNamed() throws Exception {
    file("/registries.conf", "[[registry]\n");
    environment.put("CONTAINERS_REGISTRIES_CONF", machine.resolve("registries.conf").toString());
    assertTrue(tools().contains("fail registries"), tools());
    assertTrue(tools().contains("registries.conf"), tools());
  }
}
