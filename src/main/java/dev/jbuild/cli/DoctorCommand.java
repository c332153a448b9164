package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.OwnLibraries;
import dev.jbuild.sandbox.SandboxKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// `jbuild doctor`.
final class DoctorCommand implements Command {

  @Override
  public Syntax syntax() {
    var syntax =
        new Syntax(
                "doctor",
                "[OPTIONS]",
                "Say whether RUN steps work here and in which sandbox, what was tried and which"
                    + " system call failed, and what would mend it. Nothing is left behind. The"
                    + " exit code is 0 if steps can run in the sandbox that is asked for, else 8.",
                "  jbuild doctor")
            .flag("Print JSON.", "--json");
    return SandboxOption.addTo(syntax);
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var host = Host.real(session.environment());
    var store = new StoreChecks(session.storeRoot());
    var wanted = SandboxOption.read(options, session.environment());
    var sandboxes = new SandboxChecks(host, store, wanted);
    var launcher = launcher();
    var checks = new ArrayList<Check>();
    checks.add(Check.note("machine", machine(host)));
    checks.addAll(new IdChecks(host, Printable.of(launcher.toString())).checks());
    checks.addAll(store.checks(session));
    checks.addAll(sandboxes.checks(session));
    checks.addAll(new ToolChecks(host).checks(launcher));
    tell(checks, sandboxes, wanted, options, session);
    return sandboxes.works() == null ? BuildFailure.Kind.SANDBOX.exitCode() : 0;
  }

  private static String machine(Host host) {
    var kernel = host.text("/proc/sys/kernel/osrelease").orElse("of an unknown version");
    return "Linux "
        + Printable.of(kernel)
        + ", "
        + System.getProperty("os.arch")
        + host.container().map(each -> ", in a container (" + each + ")").orElse("");
  }

  /// `bin/jbuild`, as it lies beside the directory of the jars.
  private static Path launcher() {
    return OwnLibraries.place().orElse(Path.of("lib")).resolveSibling("bin/jbuild");
  }

  private static void tell(
      List<Check> checks,
      SandboxChecks sandboxes,
      Optional<SandboxKind> wanted,
      Options options,
      Session session) {
    var works = sandboxes.works();
    if (options.has("--json")) {
      var fields = new LinkedHashMap<String, Object>();
      fields.put("Sandbox", works == null ? Nothing.OBJECT : works);
      fields.put("Checks", checks.stream().map(Check::json).toList());
      session.console().result(JsonText.pretty(new Fields(fields)));
      return;
    }
    checks.forEach(check -> session.console().result(check.lines()));
    session.console().result(verdict(sandboxes, wanted));
  }

  private static String verdict(SandboxChecks sandboxes, Optional<SandboxKind> wanted) {
    if (sandboxes.works() != null) {
      return "RUN steps run here, in the sandbox " + sandboxes.works() + ".";
    }
    var other = sandboxes.worksIfAsked();
    if (wanted.isEmpty()) {
      return "RUN steps cannot run here"
          + (other == null ? "" : " without --sandbox " + other)
          + "; COPY, ADD and all other instructions can.";
    }
    return "RUN steps cannot run here in the sandbox "
        + wanted.get().text()
        + ", which was asked for"
        + (other == null ? "." : "; they can with --sandbox " + other + ".");
  }
}
