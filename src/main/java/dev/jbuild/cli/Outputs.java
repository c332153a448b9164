package dev.jbuild.cli;

import dev.jbuild.archive.DockerArchive;
import dev.jbuild.archive.NamedImage;
import dev.jbuild.archive.OciArchive;
import dev.jbuild.archive.Packing;
import dev.jbuild.archive.RootArchive;
import dev.jbuild.build.BuildRequest;
import dev.jbuild.build.BuildResult;
import dev.jbuild.console.Console;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Reference;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.TreeUnpacker;
import dev.jbuild.store.Store;
import dev.jbuild.tar.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Where an image goes beside the store: `-o type=oci,dest=FILE` and its like.
final class Outputs {

  private static final Set<String> KEYS = Set.of("type", "dest", "compression", "name", "tar");

  private final List<Map<String, String>> wanted;
  private final List<Reference> tags;

  private Outputs(List<Map<String, String>> wanted, List<Reference> tags) {
    this.wanted = wanted;
    this.tags = tags;
  }

  /// What left.
  ///
  /// @param manifest as it stands in the last archive, if one was written
  record Written(Optional<Descriptor> manifest) {}

  /// Reads the values of `--output`; wrong ones are told before anything is built.
  static Outputs parse(List<String> values, List<Reference> tags) {
    var wanted = new ArrayList<Map<String, String>>();
    for (var value : values) {
      wanted.add(fields(value));
    }
    return new Outputs(wanted, tags);
  }

  private static Map<String, String> fields(String value) {
    var fields = new LinkedHashMap<String, String>();
    if (value.equals("-")) {
      fields.put("type", "tar");
      fields.put("dest", "-");
    } else if (!value.contains("=")) {
      fields.put("type", "local");
      fields.put("dest", value);
    } else {
      for (var field : Csv.fields(value)) {
        int equals = field.indexOf('=');
        var key = equals < 0 ? field : field.substring(0, equals);
        if (!KEYS.contains(key)) {
          throw Options.usage("--output does not know " + Printable.of(key))
              .hint("write it as type=oci,dest=image.tar");
        }
        fields.put(key, equals < 0 ? "true" : field.substring(equals + 1));
      }
    }
    check(fields);
    return fields;
  }

  private static void check(Map<String, String> fields) {
    var type = fields.getOrDefault("type", "");
    switch (type) {
      case "oci", "docker", "tar", "local" -> {
        if (fields.getOrDefault("dest", "").isEmpty()) {
          throw Options.usage("--output type=" + type + " needs dest=");
        }
      }
      case "store", "image" -> {}
      case "registry" ->
          throw Options.usage(
              "--output type=registry is not supported: this version has no registry client");
      default -> throw Options.usage("--output does not know the type " + Printable.of(type));
    }
    if (type.equals("local") && "-".equals(fields.get("dest"))) {
      throw Options.usage("--output type=local needs a directory");
    }
    compression(fields);
    checkPlace(type, fields.getOrDefault("dest", "-"));
  }

  /// A build may take long: that there is no place for its result is told before it.
  private static void checkPlace(String type, String dest) {
    if (dest.equals("-")) {
      return;
    }
    var place = Path.of(dest).toAbsolutePath();
    if (type.equals("local")) {
      checkEmpty(place);
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
    if (!type.equals("oci") && Files.isDirectory(place)) {
      throw Options.usage("--output dest=" + Printable.of(dest) + " is a directory, not a file");
    }
  }

  private static Optional<Compression> compression(Map<String, String> fields) {
    return switch (fields.getOrDefault("compression", "")) {
      case "" -> Optional.empty();
      case "gzip" -> Optional.of(Compression.GZIP);
      case "zstd" -> Optional.of(Compression.ZSTD);
      case "none", "uncompressed" -> Optional.of(Compression.NONE);
      default -> throw Options.usage("--output compression= takes gzip, zstd or none");
    };
  }

  /// What cannot be written of a build for several platforms is told before it.
  void check(BuildRequest request) {
    for (var fields : wanted) {
      if (request.platforms().size() > 1 && "docker".equals(fields.get("type"))) {
        throw Options.usage("--output type=docker takes an image for one platform only")
            .hint("type=oci holds several; or build one platform after the other");
      }
    }
  }

  Written write(Store store, BuildResult result, Console console) throws IOException {
    Optional<Descriptor> manifest = Optional.empty();
    for (var fields : wanted) {
      var written = write(store, result, console, fields);
      manifest = written.isPresent() ? written : manifest;
    }
    return new Written(manifest);
  }

  private Optional<Descriptor> write(
      Store store, BuildResult result, Console console, Map<String, String> fields)
      throws IOException {
    var dest = fields.getOrDefault("dest", "");
    var image = List.of(new NamedImage(result.image(), names(fields)));
    var packing = new Packing(compression(fields), Runtime.getRuntime().availableProcessors(), 0);
    return switch (fields.getOrDefault("type", "")) {
      case "oci" -> {
        var archive = new OciArchive(store, packing);
        yield Optional.of(
            (dest.equals("-")
                    ? archive.write(image, console.resultStream())
                    : isLayout(fields, dest)
                        ? archive.writeDirectory(image, Path.of(dest))
                        : archive.write(image, Path.of(dest)))
                .getFirst());
      }
      case "docker" -> {
        var archive = new DockerArchive(store, packing, result.config().platform());
        yield Optional.of(
            (dest.equals("-")
                    ? archive.write(image, console.resultStream())
                    : archive.write(image, Path.of(dest)))
                .getFirst());
      }
      case "tar" -> {
        var archive = new RootArchive(new LayerReader(store));
        if (dest.equals("-")) {
          archive.write(roots(result), console.resultStream());
        } else {
          archive.write(roots(result), Path.of(dest));
        }
        yield Optional.empty();
      }
      case "local" -> {
        local(store, roots(result), Path.of(dest));
        yield Optional.empty();
      }
      default -> Optional.empty();
    };
  }

  private static boolean isLayout(Map<String, String> fields, String dest) {
    return "false".equals(fields.get("tar"))
        || dest.endsWith("/")
        || Files.isDirectory(Path.of(dest));
  }

  private List<Reference> names(Map<String, String> fields) {
    return fields.containsKey("name") ? List.of(Names.tag(fields.get("name"))) : tags;
  }

  /// The root file systems, each in a directory called as its platform if they are several.
  private static List<RootArchive.Root> roots(BuildResult result) {
    return result.images().stream()
        .map(
            image ->
                new RootArchive.Root(
                    result.isIndex() ? image.platform().toString().replace('/', '_') : "",
                    image.config().diffIds()))
        .toList();
  }

  private static void local(Store store, List<RootArchive.Root> roots, Path directory)
      throws IOException {
    checkEmpty(directory); // once more: the build took its time
    var unpacker = new TreeUnpacker(store, new LayerReader(store));
    for (var root : roots) {
      var target = directory.resolve(root.directory());
      Files.createDirectories(target);
      unpacker.export(root.diffIds(), target);
    }
  }

  private static void checkEmpty(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (var files = Files.newDirectoryStream(directory)) {
      if (files.iterator().hasNext()) {
        throw Options.usage(
                "the output directory " + Printable.of(directory.toString()) + " is not empty")
            .hint("name an empty or a new one");
      }
    } catch (IOException e) {
      throw Options.usage(
          "the output directory " + Printable.of(directory.toString()) + " cannot be listed");
    }
  }
}
