package dev.jbuild.cli;

import dev.jbuild.build.TransferSteps;
import dev.jbuild.image.Platform;
import dev.jbuild.registry.Puller;
import java.io.IOException;
import java.util.Optional;
import java.util.TreeSet;

/// `jbuild pull`.
final class PullCommand implements Command {

  private static final String ALL = "--all-platforms";

  @Override
  public Syntax syntax() {
    return RegistryAccess.addTo(
        new Syntax(
                "pull",
                "[OPTIONS] NAME[:TAG|@DIGEST]…",
                "Bring images from registries into the store. Of an image for several platforms"
                    + " the one for this machine is brought.",
                "  jbuild pull debian:bookworm")
            .value("OS/ARCH", "Bring the image for this platform.", "--platform")
            .flag("Bring the images for all platforms.", ALL)
            .flag("Print the digest only.", "-q", "--quiet")
            .arguments("NAME", "1..*"));
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var names = options.arguments().stream().map(Names::parse).toList();
    if (options.has(ALL) && options.has("--platform")) {
      throw Options.usage("--platform and " + ALL + " exclude each other");
    }
    Optional<Platform> platform =
        options.has(ALL)
            ? Optional.empty()
            : Platforms.one(options).or(() -> Optional.of(Platform.host()));
    var hosts = new TreeSet<String>();
    names.forEach(name -> hosts.add(name.domain()));
    var logins = RegistryAccess.logins(options, hosts);
    return StoreWork.run(
        session,
        store -> {
          try (var registries = RegistryAccess.open(options, session, logins)) {
            for (var name : names) {
              try (var progress = Transferring.progress(options, session)) {
                var puller = new Puller(store, registries, new TransferSteps("pull", progress));
                var pulled = puller.pull(name, platform);
                session.console().result(line(options, name.familiar(), pulled));
              }
            }
          }
          return 0;
        });
  }

  private static String line(Options options, String name, dev.jbuild.registry.Pulled pulled) {
    var digest = pulled.descriptor().digest().toString();
    if (options.has("--quiet")) {
      return digest;
    }
    return name + "  " + digest + (pulled.fresh() ? "  pulled" : "  is up to date");
  }
}
