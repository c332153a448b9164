package dev.jbuild.cli;

import dev.jbuild.archive.Packing;
import dev.jbuild.build.CacheExport;
import dev.jbuild.build.CachePlace;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Reference;
import dev.jbuild.tar.Compression;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The fields of one `--cache-to` or `--cache-from`, `type=registry,ref=…`. Each is taken once;
/// what is left then is unknown.
final class CacheFields {

  private static final Map<String, String> REFUSED_TYPES =
      Map.of(
          "gha", "it needs an interface that only GitHub's own runners have; take type=registry",
          "s3", "jbuild speaks to registries, and to no other storage; take type=registry",
          "azblob", "jbuild speaks to registries, and to no other storage; take type=registry");

  /// What `jbuild cache export` calls its argument.
  static final String EXPORT = "cache export";

  private final String option;
  private final Map<String, String> fields = new HashMap<>();

  private CacheFields(String option, String value) {
    this.option = option;
    if (!value.contains("=")) {
      fields.put("type", "registry");
      fields.put("ref", value);
      return;
    }
    var seen = new HashSet<String>();
    for (var field : Csv.fields(value)) {
      int equals = field.indexOf('=');
      var key = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
      if (!seen.add(key)) {
        throw wrong(key, "it is given twice");
      }
      if (equals < 0) {
        throw wrong(key, "it has no value");
      }
      fields.put(key, field.substring(equals + 1));
    }
  }

  /// Where a cache is read from.
  ///
  /// @param insecure whether http and any certificate will do
  record Source(CachePlace place, boolean insecure) {}

  /// Where a cache goes; into the image itself if there is no place.
  ///
  /// @param ignoresErrors whether a build is good although its cache could not be written
  record Target(
      Optional<CachePlace> place,
      CacheExport.Mode mode,
      Packing packing,
      boolean ignoresErrors,
      boolean insecure) {}

  /// Reads the value of a `--cache-from`.
  ///
  /// @throws BuildFailure of kind USAGE for a field that is unknown or wrong
  static Source source(String option, String value) {
    var fields = new CacheFields(option, value);
    var place =
        switch (fields.type(Set.of("registry", "local"))) {
          case "registry" -> fields.registry();
          default -> fields.directory("src", true);
        };
    var source = new Source(place, fields.insecure(place));
    fields.finish();
    return source;
  }

  /// Reads the value of a `--cache-to`.
  ///
  /// @param usual the mode if none is given
  /// @throws BuildFailure of kind USAGE for a field that is unknown or wrong
  static Target target(String option, String value, CacheExport.Mode usual) {
    var fields = new CacheFields(option, value);
    var type = fields.type(Set.of("registry", "local", "inline"));
    Optional<CachePlace> place =
        switch (type) {
          case "registry" -> Optional.of(fields.registry());
          case "local" -> Optional.of(fields.directory("dest", false));
          default -> Optional.empty();
        };
    var target =
        new Target(
            place,
            fields.mode(type).orElse(usual),
            type.equals("inline") ? fields.unpacked() : fields.packing(type.equals("local")),
            fields.ignoresErrors(),
            fields.insecure(place.orElse(null)));
    fields.mustBe("oci-mediatypes", "the cache has the media types of OCI");
    fields.mustBe("image-manifest", "the cache is an image manifest, which every registry takes");
    fields.finish();
    return target;
  }

  private String type(Set<String> known) {
    var type = take("type").orElseThrow(() -> wrong("type", "it is missing").hint(example()));
    var why = REFUSED_TYPES.get(type);
    if (why != null) {
      throw Options.usage(option + " type=" + type + " is not supported: " + why);
    }
    if (!known.contains(type)) {
      throw Options.usage(option + " does not know the type " + Printable.of(type))
          .hint("it knows " + String.join(", ", known.stream().sorted().toList()));
    }
    return type;
  }

  private String example() {
    return "write it as " + option + " type=registry,ref=registry.example:5000/team/app:cache";
  }

  private CachePlace registry() {
    var ref = take("ref").orElseThrow(() -> wrong("ref", "it is missing").hint(example()));
    var problem = Reference.problem(ref);
    if (problem.isPresent()) {
      throw Options.usage(option + " ref: " + problem.get()).hint(example());
    }
    var name = Reference.parse(ref);
    if (option.equals("--cache-to") && name.digest().isPresent()) {
      throw wrong("ref", "a name to write to cannot have a digest");
    }
    return new CachePlace.Registry(name);
  }

  private CachePlace directory(String key, boolean read) {
    var directory = take(key).filter(text -> !text.isEmpty());
    if (directory.isEmpty()) {
      throw wrong(key, "it is missing")
          .hint("write it as " + option + " type=local," + key + "=DIR");
    }
    var tag = take("tag").orElse(CachePlace.Layout.USUAL_TAG);
    if (Reference.problem("x:" + tag).isPresent()) {
      throw wrong("tag", Printable.of(tag) + " is no tag");
    }
    var digest = read ? take("digest").map(this::digest) : Optional.<Digest>empty();
    return new CachePlace.Layout(
        Path.of(directory.get()).toAbsolutePath().normalize(), tag, digest);
  }

  private Digest digest(String text) {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw wrong("digest", e.getMessage());
    }
  }

  private Optional<CacheExport.Mode> mode(String type) {
    var mode = take("mode");
    if (mode.equals(Optional.of("max")) && type.equals("inline")) {
      throw wrong("mode", "a cache in the image has the layers of the image, which is mode=min")
          .hint("take type=registry for mode=max");
    }
    return mode.map(
        text ->
            switch (text) {
              case "min" -> CacheExport.Mode.MIN;
              case "max" -> CacheExport.Mode.MAX;
              default -> throw wrong("mode", "it is min or max");
            });
  }

  /// @param mayForce whether layers that came compressed can get another form
  private Packing packing(boolean mayForce) {
    var compression =
        take("compression")
            .map(
                text ->
                    switch (text) {
                      case "gzip" -> Compression.GZIP;
                      case "zstd" -> Compression.ZSTD;
                      case "none", "uncompressed" -> Compression.NONE;
                      default -> throw wrong("compression", "it is gzip, zstd or uncompressed");
                    });
    var level = level(compression.orElse(Compression.GZIP));
    boolean force = truth("force-compression", false);
    if (force && !mayForce) {
      throw wrong("force-compression", "layers that came compressed are pushed as they came");
    }
    if (force && compression.isEmpty()) {
      throw wrong("force-compression", "it needs compression=");
    }
    return new Packing(compression, force, level, Runtime.getRuntime().availableProcessors(), 0);
  }

  private OptionalInt level(Compression compression) {
    var text = take("compression-level");
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    if (!text.get().matches("[0-9]{1,3}") || !compression.hasLevel(Integer.parseInt(text.get()))) {
      throw wrong("compression-level", "gzip has 0 to 9, zstd 1 to 22");
    }
    return OptionalInt.of(Integer.parseInt(text.get()));
  }

  /// The image's own layers are the cache's.
  private Packing unpacked() {
    return new Packing(Optional.empty(), false, OptionalInt.empty(), 1, 0);
  }

  private boolean ignoresErrors() {
    boolean ignores = truth("ignore-error", false);
    if (ignores && option.equals(EXPORT)) {
      throw wrong("ignore-error", "writing the cache is all that the command does");
    }
    return ignores;
  }

  private boolean insecure(@Nullable CachePlace place) {
    boolean insecure = truth("registry.insecure", false);
    if (insecure && !(place instanceof CachePlace.Registry)) {
      throw wrong("registry.insecure", "no registry is spoken to; it goes with type=registry");
    }
    return insecure;
  }

  private boolean truth(String key, boolean otherwise) {
    return take(key)
        .map(
            value ->
                switch (value.toLowerCase(Locale.ROOT)) {
                  case "true", "1", "t" -> true;
                  case "false", "0", "f" -> false;
                  default -> throw wrong(key, "it is true or false");
                })
        .orElse(otherwise);
  }

  private void mustBe(String key, String why) {
    if (!truth(key, true)) {
      throw wrong(key, "false is not supported: " + why);
    }
  }

  private Optional<String> take(String key) {
    return Optional.ofNullable(fields.remove(key));
  }

  private void finish() {
    if (!fields.isEmpty()) {
      var key = fields.keySet().stream().sorted().findFirst().orElseThrow();
      throw wrong(key, "there is no such field here").hint(example());
    }
  }

  private BuildFailure wrong(String key, @Nullable String why) {
    return Options.usage(option + " " + Printable.of(key) + ": " + why);
  }
}
