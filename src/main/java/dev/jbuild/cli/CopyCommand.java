package dev.jbuild.cli;

import dev.jbuild.build.TransferSteps;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.registry.Copier;
import dev.jbuild.registry.Credential;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// `jbuild copy`.
final class CopyCommand implements Command {

  private static final String ALL = "--all";
  private static final String FROM_CREDS = "--src-creds";
  private static final String TO_CREDS = "--dest-creds";

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
            .value("USER:PASSWORD", "Who you are to the registry of SOURCE.", FROM_CREDS)
            .value("USER:PASSWORD", "Who you are to the registry of DESTINATION.", TO_CREDS)
            .flag("Print the digest only.", "-q", "--quiet")
            .arguments("SOURCE DESTINATION", "2"),
        "Who you are to the registry, if both are in the same.");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    if (options.has(ALL) && options.has("--platform")) {
      throw Options.usage("--platform and " + ALL + " exclude each other");
    }
    var from = Names.parse(options.arguments().getFirst());
    var to = Names.tag(options.arguments().getLast());
    var logins = logins(options, from, to);
    Optional<Platform> platform =
        options.has(ALL)
            ? Optional.empty()
            : Platforms.one(options).or(() -> Optional.of(Platform.host()));
    try (var registries = RegistryAccess.open(options, session, logins);
        var progress = Transferring.progress(options, session)) {
      var copied =
          new Copier(registries, new TransferSteps("copy", progress)).copy(from, to, platform);
      var digest = copied.digest().toString();
      session
          .console()
          .result(options.has("--quiet") ? digest : to.familiar() + "  " + digest + "  copied");
      return 0;
    }
  }

  /// Each registry sees only what is said of it.
  private static Map<String, Credential> logins(Options options, Reference from, Reference to) {
    var both = RegistryAccess.credential(options, RegistryAccess.CREDS);
    var source = RegistryAccess.credential(options, FROM_CREDS);
    var target = RegistryAccess.credential(options, TO_CREDS);
    if (both.isPresent() && (source.isPresent() || target.isPresent())) {
      throw Options.usage(RegistryAccess.CREDS + " excludes " + FROM_CREDS + " and " + TO_CREDS);
    }
    if (both.isPresent() && !from.domain().equals(to.domain())) {
      throw Options.usage(RegistryAccess.CREDS + " is for one registry, and these are two")
          .hint("say which is whose: " + FROM_CREDS + " and " + TO_CREDS);
    }
    var logins = new TreeMap<String, Credential>();
    both.ifPresent(each -> logins.put(from.domain(), each));
    source.ifPresent(each -> logins.put(repository(from), each));
    target.ifPresent(each -> logins.put(repository(to), each));
    if (repository(from).equals(repository(to)) && !source.equals(target)) {
      throw Options.usage(
          "both images are in "
              + repository(to)
              + ", so there is one login: "
              + RegistryAccess.CREDS);
    }
    return logins;
  }

  private static String repository(Reference image) {
    return image.domain() + "/" + image.path();
  }
}
