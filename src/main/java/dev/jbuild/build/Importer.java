package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.ContainerConfig;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.History;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.layer.DirectoryLayer;
import dev.jbuild.layer.TarLayer;
import dev.jbuild.layer.WrittenLayer;
import dev.jbuild.linux.Directory;
import dev.jbuild.store.Store;
import dev.jbuild.tar.TarFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/// Makes an image of one layer from a root file system, as `docker import` does.
public final class Importer {

  private final Store store;
  private final Clock clock;

  public Importer(Store store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /// What an import made.
  public record Result(Descriptor image, Digest imageId, List<String> warnings) {
    public Result {
      warnings = List.copyOf(warnings);
    }
  }

  /// Imports a tar, compressed or not, in one pass; nothing is unpacked.
  ///
  /// @param shown what a person calls the source
  public Result tar(String shown, InputStream source, ImportRequest request) throws IOException {
    var config = new ConfigChanges(request.changes(), request.platform()).apply();
    try {
      var layer = new TarLayer(store, request.clamp());
      var written = layer.write(source);
      return image(written, config, request, layer.warnings());
    } catch (TarFormatException e) {
      throw BuildFailure.of(
              BuildFailure.Kind.CONTEXT,
              "cannot import " + Printable.of(shown) + ": " + e.getMessage(),
              e)
          .hint("the source has to be a tar of a root file system");
    }
  }

  /// Imports a directory.
  public Result directory(Path source, ImportRequest request) throws IOException {
    var config = new ConfigChanges(request.changes(), request.platform()).apply();
    try (var directory = new DirectoryLayer(Directory.open(source), request.clamp())) {
      var written = directory.draft().write(store);
      return image(written, config, request, directory.warnings());
    }
  }

  private Result image(
      WrittenLayer layer, ContainerConfig config, ImportRequest request, List<String> warnings)
      throws IOException {
    var created = Instant.ofEpochSecond(new Times(clock, request.clamp()).now());
    var entry = new History(created, "", "", request.message().orElse("Imported by jbuild"), false);
    var image =
        ImageConfig.scratch(request.platform())
            .withConfig(config)
            .withLayers(List.of(layer.diffId()), List.of(entry))
            .withCreated(created);
    var descriptor = new Images(store).assemble(image);
    new Images(store).name(descriptor, request.name().stream().toList());
    return new Result(descriptor, image.digest(), warnings);
  }
}
