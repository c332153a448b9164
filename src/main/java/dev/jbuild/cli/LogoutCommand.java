package dev.jbuild.cli;

import dev.jbuild.registry.Logins;
import java.io.IOException;

/// `jbuild logout`.
final class LogoutCommand implements Command {

  @Override
  public Syntax syntax() {
    var syntax =
        new Syntax(
                "logout",
                "[OPTIONS] [REGISTRY]",
                "Forget the password for a registry, by default docker.io.",
                "  jbuild logout registry.example:5000")
            .value("FILE", "Credentials in this file, instead of the usual one.", "--authfile")
            .arguments("REGISTRY", "0..1");
    Refused.addTo(syntax, TransferRefused.LOGOUT);
    return syntax;
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    Refused.check(options, TransferRefused.LOGOUT);
    var arguments = options.arguments();
    var host = arguments.isEmpty() ? RegistryAccess.HUB : RegistryAccess.host(arguments.getFirst());
    var access = RegistryAccess.read(options);
    var console = session.console();
    if (new Logins(session.environment(), access, console::warning).logout(host)) {
      console.result("Removing login credentials for " + host);
    } else {
      console.result("Not logged in to " + host);
    }
    return 0;
  }
}
