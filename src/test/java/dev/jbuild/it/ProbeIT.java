package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.sandbox.CallProbe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a step sees and may do, held against a pinned list, for each sandbox and as root and as a
/// user (reliability cases 86 to 97). The lists are in `probe-*.txt`; what follows `? ` may
/// be missing, since kernels differ in it.
class ProbeIT {

  private static final String CALLS = "calls: ";
  private static final String OPTIONAL = "? ";

  /// Starts a command with what must not reach a step: files and a directory that are open, and
  /// signals that are ignored and blocked.
  private static final String CALLER =
      "exec 3<. 4<context/canary 5>>context/canary 9</;"
          + " exec env --ignore-signal=USR1,PIPE --block-signal=USR2 \"$@\"";

  /// The same, with capabilities to inherit (CVE-2022-27651).
  private static final String ROOT_CALLER =
      CALLER.replace("exec env", "exec setpriv --inh-caps=+net_raw,+net_admin env");

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void needRootToBecomeOthers() {
    Tools.needRoot();
  }

  private void makeProbe() throws IOException {
    bench.base();
    Files.write(bench.context().resolve("calls"), CallProbe.program());
    Files.write(bench.context().resolve("table"), CallProbe.table());
    bench.file("probe.sh", resource("probe.sh"));
    bench.file("canary", "");
    bench.dockerfile(
        """
        FROM base
        COPY --chmod=755 calls table probe.sh /probe/
        """);
    bench.build();
  }

  private static String resource(String name) throws IOException {
    try (var in = ProbeIT.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private List<String> probe(Workbench.Who who, String sandbox) {
    bench.env("CALLER_SECRET", "s3cr3t");
    var caller = who == Workbench.Who.ROOT ? ROOT_CALLER : CALLER;
    var command = new ArrayList<>(List.of("sh", "-c", caller, "sh"));
    command.addAll(
        bench.command(
            "run",
            "--rm",
            "--sandbox=" + sandbox,
            "-e",
            "CALLER=" + ProcessHandle.current().pid(),
            "-e",
            "CANARIES=" + bench.context().resolve("canary") + " " + bench.store() + "/version",
            "it:1",
            "sh",
            "/probe/probe.sh"));
    var said = Tools.run(bench.directory(), bench.environment(), command).succeeds().text();
    var lines = new ArrayList<String>();
    for (var line : said.lines().toList()) {
      if (line.startsWith(CALLS)) {
        var written = Base64.getDecoder().decode(line.substring(CALLS.length()));
        CallProbe.answers(written).forEach(answer -> lines.add("call " + answer));
      } else {
        lines.add(line);
      }
    }
    return lines;
  }

  @ParameterizedTest
  @CsvSource({"ROOT, namespaces runc chroot", "USER, namespaces runc crun"})
  void aStepSeesAndMayDoWhatIsPinned(Workbench.Who who, String sandboxes) throws IOException {
    bench.as(who);
    makeProbe();
    for (var sandbox : sandboxes.split(" ", -1)) {
      if (sandbox.endsWith("run") || sandbox.equals("runc")) {
        Tools.need(sandbox);
      }
      compare(who, sandbox);
    }
  }

  private void compare(Workbench.Who who, String sandbox) throws IOException {
    var golden = "probe-" + sandbox + "-" + who.name().toLowerCase(java.util.Locale.ROOT) + ".txt";
    var lines = probe(who, sandbox);
    var file = Path.of("src/test/resources/dev/jbuild/it", golden);
    if (System.getProperty("golden") != null) {
      Files.write(file, lines.stream().map(ProbeIT::marked).toList());
    }
    var expected = Files.readAllLines(file);
    var found = new TreeSet<>(lines);
    var pinned = new TreeSet<String>();
    for (var line : expected) {
      var text = line.startsWith(OPTIONAL) ? line.substring(OPTIONAL.length()) : line;
      if (!line.startsWith(OPTIONAL) || found.contains(text)) {
        pinned.add(text);
      }
    }
    assertEquals(String.join("\n", pinned), String.join("\n", found));
  }

  /// What a kernel may have or lack.
  private static String marked(String line) {
    return line.matches("(mount|reads) /proc/.*|.*(mqueue|/sys/devices).*")
        ? OPTIONAL + line
        : line;
  }
}
