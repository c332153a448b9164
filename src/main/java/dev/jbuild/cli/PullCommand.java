package dev.jbuild.cli;

import dev.jbuild.build.TransferSteps;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.registry.Puller;
import dev.jbuild.registry.Registries;
import dev.jbuild.registry.RemoteImages;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// `jbuild pull`.
final class PullCommand implements Command {

  private static final String ALL = "--all-platforms";
  private static final String ALL_TAGS = "--all-tags";

  @Override
  public Syntax syntax() {
    var syntax =
        new Syntax(
                "pull",
                "[OPTIONS] NAME[:TAG|@DIGEST]…",
                "Bring images from registries into the store. Of an image for several platforms"
                    + " the one for this machine is brought.",
                "  jbuild pull debian:bookworm")
            .value("OS/ARCH", "Bring the image for this platform.", "--platform")
            .flag("Bring the images for all platforms.", ALL)
            .flag("Bring all tags of NAME.", "-a", ALL_TAGS)
            .flag("Print the digest only.", "-q", "--quiet")
            .arguments("NAME", "1..*");
    Refused.addTo(syntax, TransferRefused.PULL);
    return RegistryAccess.addTo(syntax);
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    Refused.check(options, TransferRefused.PULL);
    var names = options.arguments().stream().map(Names::parse).toList();
    if (options.has(ALL_TAGS) && !options.arguments().stream().allMatch(Names::isBare)) {
      throw Options.usage(ALL_TAGS + " takes names without tags");
    }
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
            for (var name : options.has(ALL_TAGS) ? tags(names, registries) : names) {
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

  private static List<Reference> tags(List<Reference> names, Registries registries)
      throws IOException, InterruptedException {
    var all = new ArrayList<Reference>();
    for (var name : names) {
      var tags = new RemoteImages(registries).tags(name);
      if (tags.isEmpty()) {
        throw BuildFailure.of(BuildFailure.Kind.REGISTRY, name.repositoryName() + " has no tags");
      }
      for (var tag : tags) {
        var tagged = name.repositoryName() + ":" + tag;
        if (Reference.problem(tagged).isPresent()) {
          throw BuildFailure.of(
              BuildFailure.Kind.REGISTRY,
              name.domain() + " lists a tag that is none: " + Printable.of(tag));
        }
        all.add(Reference.parse(tagged));
      }
    }
    return all;
  }

  private static String line(Options options, String name, dev.jbuild.registry.Pulled pulled) {
    var digest = pulled.descriptor().digest().toString();
    if (options.has("--quiet")) {
      return digest;
    }
    return name + "  " + digest + (pulled.fresh() ? "  pulled" : "  is up to date");
  }
}
