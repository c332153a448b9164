package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// `jbuild doctor`.
final class DoctorCommand implements Command {

  @Override
  public Syntax syntax() {
    return new Syntax(
            "doctor",
            "[--json]",
            "Say whether RUN steps work here and in which sandbox, what was tried and which system"
                + " call failed, and what would mend it. Nothing is left behind. The exit code is 0"
                + " if steps can run, else 8.",
            "  jbuild doctor")
        .flag("Print JSON.", "--json");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var host = Host.real(session.environment());
    var store = new StoreChecks(session.storeRoot());
    var sandboxes = new SandboxChecks(host, store);
    var launcher = launcher();
    var checks = new ArrayList<Check>();
    checks.add(Check.note("machine", machine(host)));
    checks.addAll(new IdChecks(host, Printable.of(launcher.toString())).checks());
    checks.addAll(store.checks(session));
    checks.addAll(sandboxes.checks(session));
    checks.addAll(new ToolChecks(host).checks(launcher));
    tell(checks, sandboxes, options, session);
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

  /// `bin/jbuild`, as it lies beside the library that this class came from.
  private static Path launcher() {
    try {
      var jar =
          Path.of(DoctorCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return jar.resolveSibling("../bin/jbuild").normalize();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void tell(
      List<Check> checks, SandboxChecks sandboxes, Options options, Session session) {
    var works = sandboxes.works();
    var asked = sandboxes.worksIfAsked();
    if (options.has("--json")) {
      var fields = new LinkedHashMap<String, Object>();
      fields.put("Sandbox", works == null ? Nothing.OBJECT : works);
      fields.put("Checks", checks.stream().map(Check::json).toList());
      session.console().result(JsonText.pretty(new Fields(fields)));
      return;
    }
    checks.forEach(check -> session.console().result(check.lines()));
    session
        .console()
        .result(
            works == null
                ? "RUN steps cannot run here"
                    + (asked == null ? "" : " without --sandbox " + asked)
                    + "; COPY, ADD and all other instructions can."
                : "RUN steps run here, in the sandbox " + works + ".");
  }
}
