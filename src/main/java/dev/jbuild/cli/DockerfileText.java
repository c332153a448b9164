package dev.jbuild.cli;

import dev.jbuild.build.Remotes;
import dev.jbuild.context.SourceTree;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Utf8;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.OpenFile;
import dev.jbuild.tar.ArchivePath;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Finds the Dockerfile of a build and reads its text.
final class DockerfileText {

  /// No Dockerfile that a person wrote is larger (reliability case 76: `/dev/zero`).
  private static final int LARGEST = 64 << 20;

  private static final List<String> DEFAULTS = List.of("Dockerfile", "dockerfile", "Containerfile");
  private static final String DESCRIPTOR = "/dev/(stdin|fd/\\d+)|/proc/self/fd/\\d+";

  private DockerfileText() {}

  /// Where the Dockerfile lies; empty if it is read from standard input.
  static Optional<Path> locate(Path context, Optional<String> file) {
    if (file.isPresent()) {
      return file.get().equals("-")
          ? Optional.empty()
          : Optional.of(inAnyCase(Path.of(file.get()).toAbsolutePath()));
    }
    for (var name : DEFAULTS) {
      if (Files.exists(context.resolve(name))) {
        return Optional.of(context.resolve(name));
      }
    }
    return Optional.of(context.resolve("Dockerfile"));
  }

  private static Path inAnyCase(Path file) {
    var names = names(file.toString());
    return names.stream().map(Path::of).filter(Files::exists).findFirst().orElse(file);
  }

  /// A file called exactly `Dockerfile` may be written in small letters.
  private static List<String> names(String file) {
    boolean usual = file.equals("Dockerfile") || file.endsWith("/Dockerfile");
    int base = file.lastIndexOf('/') + 1;
    return usual ? List.of(file, file.substring(0, base) + "dockerfile") : List.of(file);
  }

  /// @param file as it was given with `-f`
  static Source read(Optional<Path> path, Optional<String> file, Path context) throws IOException {
    if (path.isEmpty()) {
      return stdin();
    }
    var place = path.get();
    var shown = file.orElseGet(() -> String.valueOf(place.getFileName()));
    if (!Files.exists(place)) {
      throw BuildFailure.of(
              BuildFailure.Kind.DOCKERFILE, "there is no " + Printable.of(place.toString()))
          .hint("name the Dockerfile with -f");
    }
    boolean isRegular = Files.isRegularFile(place);
    if (!isRegular && !isDescriptor(file)) {
      throw BuildFailure.of(
          BuildFailure.Kind.DOCKERFILE, Printable.of(shown) + " is not a regular file");
    }
    if (file.isEmpty() && !place.toRealPath().startsWith(context.toRealPath())) {
      throw BuildFailure.of(
              BuildFailure.Kind.DOCKERFILE,
              "the context's "
                  + Printable.of(shown)
                  + " is a link to a file outside of the context")
          .hint("name the file with -f if that is meant");
    }
    try (var in = isRegular ? open(place) : Files.newInputStream(place)) {
      return source(shown, in);
    } catch (AccessDeniedException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.DOCKERFILE,
          Printable.of(shown) + " cannot be read: permission denied",
          e);
    }
  }

  private static InputStream open(Path file) throws IOException {
    try {
      return OpenFile.open(file).closingStream();
    } catch (LinuxException e) {
      throw e.about(file);
    }
  }

  /// Reads it from a context that is no directory of the host.
  ///
  /// @param file where it lies there, as it was given with `-f`
  static Source inTree(SourceTree tree, Optional<String> file) throws IOException {
    var names = file.map(DockerfileText::names).orElse(DEFAULTS);
    for (var name : names) {
      var found = tree.resolve(ArchivePath.clamped(name));
      if (found.isEmpty()) {
        continue;
      }
      if (!found.get().isFile()) {
        throw BuildFailure.of(
            BuildFailure.Kind.DOCKERFILE, Printable.of(name) + " is not a regular file");
      }
      try (var in = tree.open(found.get())) {
        return source(name, in);
      }
    }
    throw BuildFailure.of(
            BuildFailure.Kind.DOCKERFILE,
            "there is no " + Printable.of(names.getFirst()) + " in the context")
        .hint("name the Dockerfile with -f, as a path in the context");
  }

  /// Reads it from a web server.
  static Source fetch(String url, Remotes remotes) throws IOException, InterruptedException {
    var name = "Dockerfile";
    var tree = remotes.downloads().fetch(url, name, Optional.empty());
    return inTree(tree, Optional.of(name));
  }

  /// Whether it is one of jbuild's own descriptors, as a shell gives one with `-f <(command)`. Any
  /// other pipe or device is not opened: it might never end, or never begin.
  private static boolean isDescriptor(Optional<String> file) {
    return file.isPresent() && file.get().matches(DESCRIPTOR);
  }

  static Source stdin() throws IOException {
    return source("Dockerfile", System.in);
  }

  /// The text that these bytes are.
  static Source source(String name, byte[] text) throws IOException {
    return source(name, new ByteArrayInputStream(text));
  }

  private static Source source(String name, InputStream in) throws IOException {
    var bytes = in.readNBytes(LARGEST + 1);
    if (bytes.length > LARGEST) {
      throw BuildFailure.of(
          BuildFailure.Kind.DOCKERFILE, Printable.of(name) + " is larger than 64 MiB");
    }
    return new Source(name, Utf8.decode(bytes));
  }
}
