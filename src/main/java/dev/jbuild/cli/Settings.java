package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import dev.jbuild.registry.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a person wrote into `~/.config/jbuild/config.json`, registries aside: what counts where the
/// command line and the environment say nothing.
///
/// @param root where the store is, absolute
/// @param progress how progress is shown, a value of `--progress`
record Settings(Optional<Path> root, Optional<String> progress) {

  private static final Settings NONE = new Settings(Optional.empty(), Optional.empty());
  private static final Set<String> MODES =
      Set.of("auto", "tty", "plain", "json", "rawjson", "quiet");

  /// Reads the file that the environment leads to; a missing one says nothing.
  ///
  /// @throws BuildFailure of kind USAGE if it is no such file, or a value is wrong
  static Settings read(Map<String, String> environment) {
    var file = new Home(environment).config("jbuild", "config.json");
    if (file.isEmpty() || !Files.isReadable(file.get())) {
      return NONE;
    }
    try {
      var json = JsonObject.parse(Files.readAllBytes(file.get()), "it");
      return new Settings(
          json.string("root").map(text -> root(file.get(), text)),
          json.string("progress").map(text -> progress(file.get(), text)));
    } catch (ImageFormatException e) {
      throw wrong(file.get(), String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw wrong(file.get(), "it cannot be read");
    }
  }

  private static Path root(Path file, String text) {
    var root = Path.of(text);
    if (!root.isAbsolute()) {
      throw wrong(file, "root is not an absolute path: " + Printable.of(text));
    }
    return root.normalize();
  }

  private static String progress(Path file, String text) {
    if (!MODES.contains(text)) {
      throw wrong(
          file, "progress is auto, tty, plain, json, rawjson or quiet, not " + Printable.of(text));
    }
    return text;
  }

  private static BuildFailure wrong(Path file, String why) {
    return Options.usage(Printable.of(file.toString()) + ": " + why)
        .hint("mend the file, or take it away");
  }
}
