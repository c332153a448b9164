package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import dev.jbuild.registry.Logins;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// `jbuild login`.
final class LoginCommand implements Command {

  private static final int LONGEST_PASSWORD = 64 << 10;

  private final InputStream input;

  LoginCommand() {
    this(System.in);
  }

  /// @param input where a password is read from with `--password-stdin`
  LoginCommand(InputStream input) {
    this.input = input;
  }

  @Override
  public Syntax syntax() {
    var syntax =
        new Syntax(
                "login",
                "[OPTIONS] [REGISTRY]",
                "Log in to a registry, by default docker.io. The registry is asked first; then the"
                    + " password is kept where docker login keeps it.",
                "  pass show registry | jbuild login -u me --password-stdin registry.example:5000")
            .value("USER", "The user.", "-u", "--username")
            .value("PASSWORD", "The password; better use --password-stdin.", "-p", "--password")
            .flag("Read the password from standard input.", "--password-stdin")
            .flag("Print the user that is logged in.", "--get-login")
            .arguments("REGISTRY", "0..1");
    Refused.addTo(syntax, TransferRefused.LOGIN);
    return RegistryAccess.addTo(syntax);
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    Refused.check(options, TransferRefused.LOGIN);
    var arguments = options.arguments();
    var host = arguments.isEmpty() ? RegistryAccess.HUB : RegistryAccess.host(arguments.getFirst());
    var console = session.console();
    var logins = new Logins(session.environment(), RegistryAccess.read(options), console::warning);
    if (options.has("--get-login")) {
      var user = logins.user(host);
      if (user.isEmpty()) {
        throw Options.usage("nobody is logged in to " + host);
      }
      console.result(Printable.of(user.get()));
      return 0;
    }
    if (options.has("--password") && options.has("--password-stdin")) {
      throw Options.usage("--password and --password-stdin exclude each other");
    }
    var terminal = Optional.ofNullable(System.console()).filter(Console::isTerminal);
    var user = user(options, terminal);
    var kept = logins.login(host, user, password(options, terminal));
    console.result("Login Succeeded");
    if (kept.helper().isEmpty()) {
      console.message(
          "the password is in " + Printable.of(kept.file().toString()) + ", not encrypted");
    }
    return 0;
  }

  private static String user(Options options, Optional<Console> terminal) {
    var user = options.value("--username");
    if (user.isEmpty() && terminal.isPresent() && !options.has("--password-stdin")) {
      user = Optional.ofNullable(terminal.get().readLine("Username: "));
    }
    var given = user.orElse("").strip();
    if (given.isEmpty() || given.indexOf(':') >= 0) {
      throw Options.usage(given.isEmpty() ? "it needs a user" : "a user has no colon in it")
          .hint("jbuild login -u USER --password-stdin REGISTRY");
    }
    return given;
  }

  private String password(Options options, Optional<Console> terminal) throws IOException {
    if (options.has("--password")) {
      return options.value("--password").orElse("");
    }
    if (options.has("--password-stdin")) {
      var text = new String(input.readNBytes(LONGEST_PASSWORD), StandardCharsets.UTF_8);
      return text.replaceFirst("\\r?\\n$", "");
    }
    if (terminal.isPresent()) {
      var typed = terminal.get().readPassword("Password: ");
      if (typed != null) {
        return new String(typed);
      }
    }
    throw Options.usage("there is no terminal to ask for a password")
        .hint("send it to standard input: --password-stdin");
  }
}
