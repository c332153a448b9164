package dev.jbuild.cli;

import dev.jbuild.build.PullPolicy;
import dev.jbuild.build.TransferSteps;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.registry.Puller;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.Optional;

/// The image of a container: from the store, or from a registry as `--pull` says.
final class RunImage {

  private final Options options;
  private final Session session;
  private final Store store;

  RunImage(Options options, Session session, Store store) {
    this.options = options;
    this.session = session;
    this.store = store;
  }

  static Syntax addTo(Syntax syntax) {
    return RegistryAccess.addTo(
        syntax
            .optional(
                "WHEN",
                "always",
                "Ask the registry for the image: missing (the default), always, newer (if it can be"
                    + " asked) or never.",
                "--pull")
            .flag("Do not show how the image is pulled.", "-q", "--quiet"));
  }

  /// Its config.
  ///
  /// @param text as it was typed: a name, or the beginning of an ID
  ImageConfig config(String text) throws IOException, InterruptedException {
    var images = new StoredImages(store);
    return images.resolve(descriptor(text, images), Platforms.one(options)).config();
  }

  private Descriptor descriptor(String text, StoredImages images)
      throws IOException, InterruptedException {
    return switch (policy()) {
      case NEVER -> images.named(text);
      case ALWAYS -> pull(text);
      case MISSING -> {
        try {
          yield images.named(text);
        } catch (BuildFailure e) {
          if (Reference.problem(text).isPresent()) {
            throw e;
          }
          yield pull(text);
        }
      }
      case NEWER -> {
        try {
          yield pull(text);
        } catch (BuildFailure e) {
          if (e.kind() != BuildFailure.Kind.REGISTRY) {
            throw e;
          }
          yield images.named(text);
        }
      }
    };
  }

  private PullPolicy policy() {
    return switch (options.value("--pull").orElse("missing")) {
      case "always", "true" -> PullPolicy.ALWAYS;
      case "missing", "false" -> PullPolicy.MISSING;
      case "newer" -> PullPolicy.NEWER;
      case "never" -> PullPolicy.NEVER;
      default -> throw Options.usage("--pull takes missing, always, newer or never");
    };
  }

  private Descriptor pull(String text) throws IOException, InterruptedException {
    var name = Names.parse(text);
    try (var registries = RegistryAccess.open(options, session);
        var progress = Transferring.progress(options, session)) {
      var puller = new Puller(store, registries, new TransferSteps("pull", progress));
      return puller
          .pull(name, Platforms.one(options).or(() -> Optional.of(Platform.host())))
          .descriptor();
    }
  }
}
