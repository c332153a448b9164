package dev.jbuild.cli;

import dev.jbuild.archive.DockerArchive;
import dev.jbuild.archive.NamedImage;
import dev.jbuild.archive.OciArchive;
import dev.jbuild.archive.Packing;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.linux.Machine;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// `jbuild save`.
final class SaveCommand implements Command {

  private static final int STANDARD_OUTPUT = 1;

  private final BooleanSupplier toTerminal;

  SaveCommand() {
    this(() -> Machine.isTerminal(STANDARD_OUTPUT));
  }

  /// @param toTerminal whether standard output is a terminal
  SaveCommand(BooleanSupplier toTerminal) {
    this.toTerminal = toTerminal;
  }

  @Override
  public Syntax syntax() {
    return RegistryAccess.addTo(
        new Syntax(
                "save",
                "[OPTIONS] IMAGE…",
                "Write images to an archive, by default one that docker load and every reader of"
                    + " OCI layouts understand. A name without a tag stands for all tags of it.",
                "  jbuild save -o hello.tar hello:1")
            .value("FILE", "Write to FILE instead of standard output.", "-o", "--output")
            .value("FORM", "docker (the default) or oci.", "--format")
            .value("OS/ARCH", "Only this one of several in one.", "--platform")
            .arguments("IMAGE", "1..*"));
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var file = options.value("--output").filter(name -> !name.equals("-")).map(Path::of);
    var platform = Platforms.one(options);
    boolean oci =
        switch (options.value("--format").orElse("docker")) {
          case "docker", "docker-archive" -> false;
          case "oci", "oci-archive" -> true;
          default -> throw Options.usage("--format takes docker or oci");
        };
    if (file.isEmpty() && toTerminal.getAsBoolean()) {
      throw Options.usage("an archive is nothing for a terminal")
          .hint("name a file with -o, or send the output to a file or a program");
    }
    file.ifPresent(SaveCommand::check);
    return StoreWork.run(
        session.naming(options.arguments()),
        store -> {
          var images = only(platform, images(store, options.arguments()), store);
          var packing =
              new Packing(Optional.empty(), Runtime.getRuntime().availableProcessors(), 0);
          if (oci) {
            var archive = new OciArchive(store, packing);
            if (file.isPresent()) {
              archive.write(images, file.get());
            } else {
              archive.write(images, session.console().resultStream());
            }
          } else {
            var archive = new DockerArchive(store, packing, platform.orElseGet(Platform::host));
            if (file.isPresent()) {
              archive.write(images, file.get());
            } else {
              archive.write(images, session.console().resultStream());
            }
          }
          return 0;
        });
  }

  private static void check(Path file) {
    var parent = file.toAbsolutePath().getParent();
    var shown = Printable.of(file.toString());
    if (Files.isDirectory(file)) {
      throw Options.usage("--output " + shown + " is a directory").hint("name a file in it");
    }
    if (parent != null && !Files.isDirectory(parent)) {
      throw Options.usage("there is no directory for --output " + shown).hint("make it first");
    }
  }

  /// Of images for several platforms that for `platform`, if one is wanted.
  private static List<NamedImage> only(
      Optional<Platform> platform, List<NamedImage> images, Store store) throws IOException {
    if (platform.isEmpty()) {
      return images;
    }
    var single = new ArrayList<NamedImage>();
    for (var image : images) {
      var found = new StoredImages(store).only(image.descriptor(), platform);
      single.add(new NamedImage(found, image.names()));
    }
    return single;
  }

  /// Each image once, with the names that were asked for, in that order.
  private static List<NamedImage> images(Store store, List<String> words) throws IOException {
    var names = new LinkedHashMap<Digest, List<Reference>>();
    var descriptors = new LinkedHashMap<Digest, Descriptor>();
    for (var word : words) {
      for (var image : images(store, word)) {
        var digest = image.descriptor().digest();
        descriptors.putIfAbsent(digest, image.descriptor());
        var all = names.computeIfAbsent(digest, _ -> new ArrayList<>());
        image.names().stream().filter(name -> !all.contains(name)).forEach(all::add);
      }
    }
    var images = new ArrayList<NamedImage>();
    for (var image : descriptors.values()) {
      if (!store.lease().keep(image.digest())) {
        throw BuildFailure.of(
                BuildFailure.Kind.STORE, "the manifest " + image.digest() + " is missing")
            .hint("run: jbuild store check --repair");
      }
      images.add(new NamedImage(image, names.getOrDefault(image.digest(), List.of())));
    }
    return images;
  }

  private static List<NamedImage> images(Store store, String word) throws IOException {
    if (Reference.problem(word).isEmpty()) {
      var wanted = Reference.parse(word);
      var byName =
          Names.isBare(word) ? tagged(store, wanted.repositoryName()) : exactly(store, wanted);
      if (!byName.isEmpty()) {
        return byName;
      }
    }
    return List.of(new NamedImage(new StoredImages(store).named(word), List.of()));
  }

  private static List<NamedImage> exactly(Store store, Reference name) throws IOException {
    return store.references().find(name.full()).stream()
        .map(image -> new NamedImage(image, List.of(name)))
        .toList();
  }

  private static List<NamedImage> tagged(Store store, String repository) throws IOException {
    var found = new ArrayList<NamedImage>();
    for (var entry : store.references().all()) {
      var name = entry.name().filter(text -> Reference.problem(text).isEmpty());
      if (name.isPresent() && Reference.parse(name.get()).repositoryName().equals(repository)) {
        found.add(new NamedImage(entry.descriptor(), List.of(Reference.parse(name.get()))));
      }
    }
    return found;
  }
}
