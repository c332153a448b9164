package dev.jbuild.cli;

import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.serve.Registry;
import dev.jbuild.serve.RegistryOptions;
import dev.jbuild.serve.RegistryOptions.Place;
import dev.jbuild.serve.RegistryOptions.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/// `jbuild registry serve`.
final class ServeCommand implements Command {

  private static final int HIGHEST_PORT = 65_535;

  @Override
  public Syntax syntax() {
    var syntax =
        new Syntax(
                "registry serve",
                "[OPTIONS]",
                "Run a registry: docker, podman, skopeo and jbuild push to it and pull from it, a"
                    + " browser shows what it has. Prints its address and runs until it is"
                    + " interrupted.",
                "  jbuild registry serve --addr 127.0.0.1:5000 --data ./registry --delete",
                "  jbuild registry serve --store",
                "      what jbuild builds can be pulled at once")
            .value(
                "HOST:PORT",
                "Where to listen: 127.0.0.1:5000 if nothing is said. Port 0: any that is free.",
                "--addr")
            .value(
                "DIR",
                "Where the registry keeps everything; made if it is missing. The default lies"
                    + " beside jbuild's store.",
                "--data")
            .flag("Serve jbuild's own store. What is pushed becomes an image in it.", "--store")
            .value(
                "self-signed|CERT,KEY",
                "Speak https: with a certificate made for this machine, or with these two PEM"
                    + " files.",
                "--tls")
            .value(
                "FILE",
                "Ask for a name and a password. FILE is of htpasswd with bcrypt (htpasswd -B).",
                "--auth")
            .flag("Refuse pushes and deletes.", "--read-only")
            .flag("Let clients delete tags, manifests and blobs.", "--delete")
            .flag("Do not print a line for each request.", "-q", "--quiet");
    return RegistryAccess.addWithoutLogin(syntax);
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var console = session.console();
    var registryOptions = options(options, session);
    var registry = Registry.start(registryOptions);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(registry, console)));
    console.result(registry.url());
    console.flush();
    announce(registry, registryOptions, console);
    new CountDownLatch(1).await(); // a signal ends the process
    return 0;
  }

  private static void end(Registry registry, Console console) {
    registry.close();
    console.message("the registry has ended");
    console.flush();
  }

  private static RegistryOptions options(Options options, Session session) {
    if (options.has("--store") && options.has("--data")) {
      throw Options.usage("--store and --data exclude each other")
          .hint("--store serves jbuild's own store, --data a directory of the registry's own");
    }
    if (!options.has("--store") && RegistryAccess.isGiven(options)) {
      throw Options.usage("nothing is asked of other registries without --store")
          .hint("who is asked for a password is said with --auth, how to speak https with --tls");
    }
    RegistryAccess.refuseLogin(options);
    if (options.has("--read-only") && options.has("--delete")) {
      throw Options.usage("--read-only and --delete exclude each other");
    }
    var address = address(options.value("--addr").orElse("127.0.0.1:5000"));
    var data = options.value("--data").map(Path::of).orElseGet(() -> beside(session.storeRoot()));
    var place =
        options.has("--store")
            ? new Place.Images(session.storeRoot(), session::openStore)
            : new Place.Directory(data);
    var console = session.console();
    return new RegistryOptions(
        address.host(),
        address.port(),
        place,
        options.has("--read-only"),
        options.has("--delete"),
        options.value("--tls").map(text -> tls(text, data)).orElseGet(Tls.None::new),
        options.value("--auth").map(Path::of),
        options.has("--quiet") ? _ -> {} : console::message,
        console::warning);
  }

  private static Path beside(Path store) {
    return store.resolveSibling(store.getFileName() + "-registry");
  }

  private static Tls tls(String text, Path data) {
    if (text.equals("self-signed")) {
      return new Tls.SelfSigned(data.resolve("tls").toAbsolutePath().normalize());
    }
    int comma = text.indexOf(',');
    if (comma <= 0 || comma == text.length() - 1) {
      throw Options.usage("--tls takes self-signed, or two files: CERT,KEY");
    }
    return new Tls.Files(Path.of(text.substring(0, comma)), Path.of(text.substring(comma + 1)));
  }

  private record Address(String host, int port) {}

  /// `HOST:PORT`, `[HOST]:PORT`, `:PORT` (all addresses), `PORT` or `HOST`.
  private static Address address(String text) {
    boolean onlyPort = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    int colon = text.lastIndexOf(':');
    if (onlyPort) {
      return new Address("127.0.0.1", port(text, text));
    }
    if (colon < 0 || text.endsWith("]")) {
      return new Address(bare(text, text), 5000);
    }
    var host = text.substring(0, colon);
    return new Address(
        host.isEmpty() ? "0.0.0.0" : bare(host, text), port(text.substring(colon + 1), text));
  }

  private static String bare(String host, String text) {
    var inner =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    boolean ambiguous = inner.equals(host) && host.indexOf(':') >= 0;
    if (inner.isEmpty() || ambiguous || inner.indexOf('/') >= 0) {
      throw wrong(text);
    }
    return inner;
  }

  private static int port(String digits, String text) {
    try {
      int port = Integer.parseInt(digits);
      if (port >= 0 && port <= HIGHEST_PORT) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw wrong(text);
    }
    throw wrong(text);
  }

  private static BuildFailure wrong(String text) {
    return Options.usage("--addr takes HOST:PORT, not " + Printable.of(text))
        .hint("write it as 127.0.0.1:5000 or [::1]:5000");
  }

  /// Says what a person has to know: who can reach it, and how clients come to trust it.
  private static void announce(Registry registry, RegistryOptions options, Console console) {
    var what =
        switch (options.place()) {
          case Place.Directory(var directory) -> "keeping everything in " + shown(directory);
          case Place.Images(var store, _) -> "serving the images in " + shown(store);
        };
    console.message(what);
    if (!isLoopback(options.host())) {
      console.warning(
          "other machines can reach this registry at port "
              + registry.port()
              + (options.passwords().isEmpty() ? ", and nobody is asked for a password" : ""));
    } else if (options.passwords().isEmpty()) {
      console.message("only this machine can reach it; nobody is asked for a password");
    }
    if (options.passwords().isPresent() && options.tls() instanceof Tls.None) {
      console.warning("passwords are sent unencrypted without --tls");
    }
    registry
        .authorityCertificate()
        .ifPresent(ca -> TrustAdvice.lines(ca, registry.authority()).forEach(console::message));
  }

  private static String shown(Path path) {
    return Printable.of(path.toAbsolutePath().normalize().toString());
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
