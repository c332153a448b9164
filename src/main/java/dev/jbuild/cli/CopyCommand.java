package dev.jbuild.cli;

import dev.jbuild.build.TransferSteps;
import dev.jbuild.image.Platform;
import dev.jbuild.registry.Copier;
import java.io.IOException;
import java.util.Optional;

/// `jbuild copy`.
final class CopyCommand implements Command {

  private static final String ALL = "--all";

  @Override
  public Syntax syntax() {
    return RegistryAccess.addTo(
        new Syntax(
                "copy",
                "[OPTIONS] SOURCE DESTINATION",
                "Copy an image from registry to registry, byte for byte, with what refers to it."
                    + " Nothing is stored here. Of an image for several platforms the one for this"
                    + " machine is copied.",
                "  jbuild copy --all docker.io/library/debian:12 registry.example:5000/debian:12")
            .flag("Copy the images for all platforms.", "-a", ALL)
            .value("OS/ARCH", "Copy the image for this platform.", "--platform")
            .flag("Print the digest only.", "-q", "--quiet")
            .arguments("SOURCE DESTINATION", "2"));
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    if (options.has(ALL) && options.has("--platform")) {
      throw Options.usage("--platform and " + ALL + " exclude each other");
    }
    var from = Names.parse(options.arguments().getFirst());
    var to = Names.tag(options.arguments().getLast());
    if (options.has(RegistryAccess.CREDS) && !from.domain().equals(to.domain())) {
      // Each of the two would see what is the other's.
      throw Options.usage(RegistryAccess.CREDS + " is for one registry, and these are two")
          .hint("log in to both with jbuild login, or name a file with both logins: --authfile");
    }
    Optional<Platform> platform =
        options.has(ALL)
            ? Optional.empty()
            : Platforms.one(options).or(() -> Optional.of(Platform.host()));
    try (var registries = RegistryAccess.open(options, session);
        var progress = Transferring.progress(options, session.console())) {
      var copied =
          new Copier(registries, new TransferSteps("copy", progress)).copy(from, to, platform);
      var digest = copied.digest().toString();
      session
          .console()
          .result(options.has("--quiet") ? digest : to.familiar() + "  " + digest + "  copied");
      return 0;
    }
  }
}
