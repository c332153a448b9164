package dev.jbuild.cli;

import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Reference;
import dev.jbuild.store.References;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.List;

/// `jbuild rmi`.
final class RemoveCommand implements Command {

  @Override
  public Syntax syntax() {
    return new Syntax(
            "rmi",
            "[OPTIONS] IMAGE…",
            "Remove names of images; an image whose last name goes is removed, and so is one that"
                + " is given by its ID. Its layers may serve other images and the cache: jbuild"
                + " prune removes those that nothing needs.",
            "  jbuild rmi hello:1")
        .flag(
            "Remove an image by its ID also if it has several names; do not mind missing ones.",
            "-f",
            "--force")
        .flag("Accepted: layers stay until jbuild prune.", "--no-prune")
        .arguments("IMAGE", "1..*");
  }

  /// Goes on after an image that cannot be removed, as people expect of it.
  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    boolean force = options.has("--force");
    return StoreWork.run(
        session,
        store -> {
          int code = 0;
          for (var text : options.arguments()) {
            try {
              new Removal(store, session.console(), force).remove(text);
            } catch (BuildFailure e) {
              session.console().failure(e);
              code = e.kind().exitCode();
            }
          }
          return code;
        });
  }

  /// The removal of one image or name.
  private record Removal(Store store, Console console, boolean force) {

    void remove(String text) throws IOException {
      var images = new StoredImages(store);
      if (Reference.problem(text).isEmpty()) {
        var name = Reference.parse(text);
        var image = store.references().find(name.full());
        if (image.isPresent()) {
          removeName(images, name, images.id(image.get()));
          return;
        }
      }
      Digest id;
      try {
        id = images.id(images.named(text));
      } catch (BuildFailure e) {
        if (!force) {
          throw e;
        }
        console.warning(e.message());
        return;
      }
      removeImage(images, text, id);
    }

    private void removeName(StoredImages images, Reference name, Digest id) throws IOException {
      if (store.references().untag(name.full())) {
        console.result("Untagged: " + name.familiar());
      }
      if (images.entries(id).isEmpty()) {
        console.result("Deleted: " + id);
      }
    }

    private void removeImage(StoredImages images, String text, Digest id) throws IOException {
      var entries = images.entries(id);
      if (entries.isEmpty()) {
        throw BuildFailure.of(
                BuildFailure.Kind.STORE,
                "the image " + Printable.of(text) + " is part of one for several platforms")
            .hint("remove that one: jbuild images lists it");
      }
      var names = entries.stream().map(References.Entry::name).map(ImageName::of).toList();
      var familiar = names.stream().flatMap(name -> name.familiar().stream()).toList();
      if (familiar.size() > 1 && !force) {
        throw severalNames(text, familiar);
      }
      for (var entry : entries) {
        store.references().remove(entry.descriptor().digest());
      }
      familiar.forEach(name -> console.result("Untagged: " + Printable.of(name)));
      console.result("Deleted: " + id);
    }

    private static BuildFailure severalNames(String text, List<String> names) {
      return BuildFailure.of(
              BuildFailure.Kind.STORE,
              "the image "
                  + Printable.of(text)
                  + " has several names: "
                  + Printable.of(String.join(", ", names)))
          .hint("remove it with all of them by -f, or remove single names");
    }
  }
}
