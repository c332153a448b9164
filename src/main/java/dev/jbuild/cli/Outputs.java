package dev.jbuild.cli;

import dev.jbuild.archive.DockerArchive;
import dev.jbuild.archive.NamedImage;
import dev.jbuild.archive.OciArchive;
import dev.jbuild.archive.RootArchive;
import dev.jbuild.build.Annotation;
import dev.jbuild.build.Assembly;
import dev.jbuild.build.BuildRequest;
import dev.jbuild.build.BuildResult;
import dev.jbuild.build.Images;
import dev.jbuild.build.TransferSteps;
import dev.jbuild.console.Console;
import dev.jbuild.console.Progress;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Reference;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.TreeUnpacker;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.Machine;
import dev.jbuild.registry.Pusher;
import dev.jbuild.registry.Registries;
import dev.jbuild.registry.RegistryFetcher;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/// Where an image goes beside the store: `-o type=oci,dest=FILE` and its like.
final class Outputs {

  private static final int STANDARD_OUTPUT = 1;

  private final List<Output> wanted;
  private final List<Reference> tags;

  private Outputs(List<Output> wanted, List<Reference> tags) {
    this.wanted = wanted;
    this.tags = tags;
  }

  /// What left.
  ///
  /// @param manifest or index as it stands in the last archive, if one was written
  record Written(Optional<Descriptor> manifest) {}

  /// Reads the values of `--output`; wrong ones are told before anything is built.
  static Outputs parse(List<String> values, List<Reference> tags) {
    var wanted = new ArrayList<Output>();
    for (var value : values) {
      var output = Output.parse(value);
      checkPlace(output);
      wanted.add(output);
    }
    return new Outputs(wanted, tags);
  }

  /// A build may take long: that there is no place for its result is told before it.
  private static void checkPlace(Output output) {
    var dest = output.dest();
    if (dest.equals("-") && Machine.isTerminal(STANDARD_OUTPUT)) {
      throw Options.usage("--output would write an archive to the terminal")
          .hint("name a file with dest=FILE, or send standard output to one");
    }
    if (dest.isEmpty() || dest.equals("-")) {
      return;
    }
    var place = Path.of(dest).toAbsolutePath();
    if (output.type() == Output.Type.LOCAL) {
      checkDirectory(place);
      return;
    }
    var parent = place.getParent();
    if (parent != null && !Files.isDirectory(parent) && !dest.endsWith("/")) {
      throw Options.usage(
          "--output dest="
              + Printable.of(dest)
              + ": there is no directory "
              + Printable.of(parent.toString()));
    }
    if (output.type() != Output.Type.OCI && Files.isDirectory(place)) {
      throw Options.usage("--output dest=" + Printable.of(dest) + " is a directory, not a file");
    }
    checkWritable(place);
  }

  /// Whether the image is wanted in registries and nowhere else.
  boolean areRegistriesOnly() {
    return !wanted.isEmpty()
        && wanted.stream().allMatch(output -> output.type() == Output.Type.REGISTRY);
  }

  /// What cannot be written of this build is told before it.
  void check(BuildRequest request) {
    boolean several = request.platforms().size() > 1;
    for (var output : wanted) {
      if (several && output.type() == Output.Type.DOCKER) {
        throw Options.usage("--output type=docker takes an image for one platform only")
            .hint("type=oci holds several; or build one platform after the other");
      }
      if (several && output.split().filter(each -> !each).isPresent()) {
        throw Options.usage("--output platform-split=false takes one platform only")
            .hint("files of several platforms would overwrite each other");
      }
      if (output.type() == Output.Type.REGISTRY && names(output).isEmpty()) {
        throw Options.usage("there is no name under which to push the image")
            .hint("give one: -t registry.example:5000/team/app:1");
      }
      Annotations.check("--output", output.annotations(), request.platforms(), request.index());
    }
  }

  /// That a registry cannot be reached, or takes no push of ours, is told before the build.
  void check(Registries registries) throws IOException, InterruptedException {
    for (var output : wanted) {
      if (output.type() == Output.Type.REGISTRY) {
        for (var name : names(output)) {
          registries.checkPush(name);
        }
      }
    }
  }

  Written write(
      Store store, BuildRequest request, BuildResult result, Console console, Registry registry)
      throws IOException, InterruptedException {
    Optional<Descriptor> manifest = Optional.empty();
    for (var output : wanted) {
      var image = annotated(store, request, result, output);
      var written = write(store, result, console, output, image, registry);
      manifest = written.isPresent() ? written : manifest;
    }
    return new Written(manifest);
  }

  /// The image with the annotations that only this output has, over its own.
  private static Descriptor annotated(
      Store store, BuildRequest request, BuildResult result, Output output) throws IOException {
    if (output.annotations().isEmpty()) {
      return result.image();
    }
    var annotations = new ArrayList<Annotation>(request.annotations());
    annotations.addAll(output.annotations());
    var image = new Assembly(store).assemble(result.images(), result.isIndex(), annotations);
    var ofDescriptor = new TreeMap<>(result.image().annotations());
    ofDescriptor.putAll(image.annotations());
    return image.withAnnotations(ofDescriptor);
  }

  /// The registries to which something is pushed.
  Set<String> registries() {
    var hosts = new TreeSet<String>();
    for (var output : wanted) {
      if (output.type() == Output.Type.REGISTRY) {
        names(output).forEach(name -> hosts.add(name.domain()));
      }
    }
    return hosts;
  }

  /// How to get at registries, and how to show it.
  record Registry(Registries registries, Supplier<Progress> progress) {}

  private List<Reference> names(Output output) {
    return output.names().isEmpty() ? tags : output.names();
  }

  private Descriptor push(Store store, Output output, Descriptor image, Registry registry)
      throws IOException, InterruptedException {
    var packing = output.packing();
    var pushed = image;
    try (var progress = registry.progress.get();
        var _ =
            store
                .remote()
                .connect(
                    new RegistryFetcher(
                        store, registry.registries, new TransferSteps("pull", progress)));
        var pusher =
            new Pusher(
                store,
                registry.registries,
                packing.compression().orElse(Compression.GZIP),
                packing.level(),
                packing.threads(),
                new TransferSteps("push", progress))) {
      if (output.layerIndexes()) {
        pusher.attachIndexes();
      }
      for (var name : names(output)) {
        pushed = output.byDigest() ? pusher.pushUntagged(image, name) : pusher.push(image, name);
      }
    }
    return pushed;
  }

  private Optional<Descriptor> write(
      Store store,
      BuildResult result,
      Console console,
      Output output,
      Descriptor image,
      Registry registry)
      throws IOException, InterruptedException {
    var dest = output.dest();
    var images = List.of(new NamedImage(image, names(output)));
    return switch (output.type()) {
      case OCI -> {
        var archive = new OciArchive(store, output.packing());
        yield Optional.of(
            (dest.equals("-")
                    ? archive.write(images, console.resultStream())
                    : isLayout(output)
                        ? archive.writeDirectory(images, Path.of(dest))
                        : archive.write(images, Path.of(dest)))
                .getFirst());
      }
      case DOCKER -> {
        var platform = result.config().platform();
        var archive = new DockerArchive(store, output.packing(), platform);
        yield Optional.of(
            (dest.equals("-")
                    ? archive.write(images, console.resultStream())
                    : archive.write(images, Path.of(dest)))
                .getFirst());
      }
      case TAR -> {
        var archive = new RootArchive(new LayerReader(store));
        if (dest.equals("-")) {
          archive.write(roots(result, output), console.resultStream());
        } else {
          archive.write(roots(result, output), Path.of(dest));
        }
        yield Optional.empty();
      }
      case LOCAL -> {
        local(store, roots(result, output), Path.of(dest));
        yield Optional.empty();
      }
      case REGISTRY -> {
        var pushed = push(store, output, image, registry);
        names(output)
            .forEach(
                name ->
                    console.message(
                        output.byDigest()
                            ? "pushed " + name.repositoryName() + "@" + pushed.digest()
                            : "pushed " + name.familiar() + "  " + pushed.digest()));
        yield Optional.of(pushed);
      }
      case STORE -> {
        if (!output.names().isEmpty()) {
          new Images(store).name(result.image(), output.names());
        }
        yield Optional.empty();
      }
    };
  }

  private static boolean isLayout(Output output) {
    return output.layout()
        || output.dest().endsWith("/")
        || Files.isDirectory(Path.of(output.dest()));
  }

  /// The root file systems, each in a directory called as its platform if they are several.
  private static List<RootArchive.Root> roots(BuildResult result, Output output) {
    boolean split = output.split().orElse(result.isIndex());
    return result.images().stream()
        .map(
            image ->
                new RootArchive.Root(
                    split ? image.platform().toString().replace('/', '_') : "",
                    image.config().diffIds()))
        .toList();
  }

  private static void local(Store store, List<RootArchive.Root> roots, Path directory)
      throws IOException {
    var unpacker = new TreeUnpacker(store, new LayerReader(store));
    for (var root : roots) {
      var target = directory.resolve(root.directory());
      Files.createDirectories(target);
      try {
        unpacker.export(root.diffIds(), target);
      } catch (LinuxException e) {
        throw BuildFailure.of(
            BuildFailure.Kind.STORE,
            "cannot write all of the image to " + Printable.of(target + ": " + e.getMessage()),
            e);
      }
    }
  }

  private static void checkDirectory(Path place) {
    if (Files.exists(place) && !Files.isDirectory(place)) {
      throw Options.usage(
              "the output directory " + Printable.of(place.toString()) + " is not a directory")
          .hint("name a directory: files of the image replace those of the same names in it");
    }
    checkWritable(place);
  }

  /// Looks at the place, or at the nearest directory above it that there is.
  private static void checkWritable(Path place) {
    var nearest = place;
    while (nearest.getParent() != null && !Files.exists(nearest)) {
      nearest = nearest.getParent();
    }
    if (!Files.isWritable(nearest) || (!nearest.equals(place) && !Files.isDirectory(nearest))) {
      throw Options.usage(
          "--output dest="
              + Printable.of(place.toString())
              + " cannot be written: "
              + Printable.of(nearest.toString())
              + (Files.isWritable(nearest) ? " is not a directory" : ": permission denied"));
    }
  }
}
