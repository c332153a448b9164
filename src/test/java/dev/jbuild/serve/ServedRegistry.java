package dev.jbuild.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// A registry in this process, and a client of it.
final class ServedRegistry implements AutoCloseable {

  /// What can be served.
  enum Kind {
    DATA,
    STORE
  }

  /// Nothing is kept for long, and nothing is collected unless a test says so.
  static final Limits NO_GRACE =
      new Limits(
          Duration.ofSeconds(75),
          Duration.ofSeconds(60),
          4096,
          Duration.ZERO,
          new Limits.Uploads(1000, Duration.ZERO, Duration.ZERO),
          Duration.ofHours(1));

  final List<String> requests = new CopyOnWriteArrayList<>();
  final List<String> troubles = new CopyOnWriteArrayList<>();
  final Path directory;
  final Registry registry;
  final Caller caller;

  private ServedRegistry(Path directory, RegistryOptions options, Limits limits)
      throws IOException {
    this.directory = directory;
    this.registry = Registry.start(options.withLog(requests::add, troubles::add), limits);
    this.caller = new Caller(registry.url());
  }

  static ServedRegistry of(Path directory) throws IOException {
    return of(directory, Kind.DATA, options -> options, Limits.DEFAULT);
  }

  static ServedRegistry of(Path directory, Kind kind) throws IOException {
    return of(directory, kind, options -> options, Limits.DEFAULT);
  }

  static ServedRegistry of(Path directory, UnaryOperator<RegistryOptions> change)
      throws IOException {
    return of(directory, Kind.DATA, change, Limits.DEFAULT);
  }

  static ServedRegistry of(
      Path directory, Kind kind, UnaryOperator<RegistryOptions> change, Limits limits)
      throws IOException {
    var place =
        switch (kind) {
          case DATA -> new RegistryOptions.Place.Directory(directory.resolve("data"));
          case STORE -> new RegistryOptions.Place.Images(directory.resolve("store"));
        };
    return new ServedRegistry(directory, change.apply(RegistryOptions.of(place)), limits);
  }

  /// All files below the registry's directory that hold blobs.
  List<Path> blobFiles() throws IOException {
    var blobs = directory.resolve("data").resolve("blobs");
    try (Stream<Path> files = Files.walk(blobs)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /// The uploads that there are.
  List<Path> uploads() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("data").resolve("uploads"))) {
      return files.toList();
    }
  }

  @Override
  public void close() {
    caller.close();
    registry.close();
  }
}
