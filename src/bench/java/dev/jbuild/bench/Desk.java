package dev.jbuild.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the scenarios share: inputs, timing, and the check of what was built.
final class Desk {

  private final Path directory;
  private final Inputs inputs;
  private final Path jbuild;

  /// By scenario and round, what the first builder built: the others must build the same.
  private final Map<String, ImageFiles> built = new HashMap<>();

  private final Map<String, Measure> pushes = new HashMap<>();

  Desk(Path directory, double scale, Path jbuild) {
    this.directory = directory;
    this.inputs = new Inputs(directory.resolve("inputs"), scale);
    this.jbuild = jbuild;
  }

  Inputs inputs() {
    return inputs;
  }

  Path directory() {
    return directory;
  }

  /// What others have written is on the disk before: nobody waits in fsync for another's bytes.
  Measure time(Builder builder, List<String> command) throws IOException, InterruptedException {
    Shell.run(List.of("sync"));
    return Measure.of(command, Map.of(), builder.daemons());
  }

  /// The first push of a round, if it was measured.
  Optional<Measure> push(Builder builder, int round) {
    return Optional.ofNullable(pushes.get(builder.name() + round));
  }

  void pushed(Builder builder, int round, Measure measure) {
    pushes.put(builder.name() + round, measure);
  }

  /// Fails unless the image has at least so many files, and the same as in the other builders.
  ///
  /// @param what names the scenario and its round
  void check(Builder builder, String image, String what, int atLeast)
      throws IOException, InterruptedException {
    var archive = directory.resolve("check.tar");
    Files.deleteIfExists(archive);
    Shell.run(builder.archive(image, archive));
    var files = ImageFiles.of(archive);
    Files.delete(archive);
    var first = built.computeIfAbsent(what, _ -> files);
    if (files.count() < atLeast || !files.equals(first)) {
      throw new IllegalStateException(
          "%s: %s built %s, another %s, and at least %d files are wanted"
              .formatted(what, builder.name(), files, first, atLeast));
    }
  }

  /// A registry on this machine that is empty: jbuild's, for all builders alike.
  RunningRegistry registry() throws IOException, InterruptedException {
    return RunningRegistry.start(jbuild, Files.createTempDirectory(directory, "registry"));
  }
}
