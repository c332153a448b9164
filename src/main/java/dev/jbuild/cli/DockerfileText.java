package dev.jbuild.cli;

import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Finds and reads the Dockerfile of a build.
final class DockerfileText {

  /// No Dockerfile that a person wrote is larger (reliability case 76: `/dev/zero`).
  private static final int LARGEST = 64 << 20;

  private DockerfileText() {}

  /// Where the Dockerfile lies; empty if it is read from standard input.
  static Optional<Path> locate(Path context, Optional<String> file) {
    if (file.isPresent()) {
      return file.get().equals("-")
          ? Optional.empty()
          : Optional.of(Path.of(file.get()).toAbsolutePath());
    }
    for (var name : List.of("Dockerfile", "dockerfile", "Containerfile")) {
      if (Files.exists(context.resolve(name))) {
        return Optional.of(context.resolve(name));
      }
    }
    return Optional.of(context.resolve("Dockerfile"));
  }

  /// @param file as it was given with `-f`
  static Dockerfile read(Optional<Path> path, Optional<String> file, Path context)
      throws IOException {
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
    if (!Files.isRegularFile(place)) {
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
    try (var in = Files.newInputStream(place)) {
      return parse(shown, in);
    } catch (AccessDeniedException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.DOCKERFILE,
          Printable.of(shown) + " cannot be read: permission denied",
          e);
    }
  }

  static Dockerfile stdin() throws IOException {
    return parse("Dockerfile", System.in);
  }

  private static Dockerfile parse(String name, InputStream in) throws IOException {
    var bytes = in.readNBytes(LARGEST + 1);
    if (bytes.length > LARGEST) {
      throw BuildFailure.of(
          BuildFailure.Kind.DOCKERFILE, Printable.of(name) + " is larger than 64 MiB");
    }
    return Dockerfile.parse(new Source(name, Utf8.decode(bytes)));
  }
}
