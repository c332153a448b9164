package dev.jbuild.cli;

import dev.jbuild.build.Annotation;
import dev.jbuild.build.Annotation.Level;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Annotations as they are typed: `--annotation index,manifest[linux/amd64]:KEY=VALUE` and
/// `--output annotation-index.KEY=VALUE`, as in docker buildx.
final class Annotations {

  private static final String OPTION = "--annotation";
  private static final String LEVEL = "([a-z-]+)(?:\\[([A-Za-z0-9_./-]+)\\])?";

  /// A field of `--output`; the level is `manifest` if it is not named.
  private static final String FIELD =
      "annotation(?:-([a-z-]+))?(?:\\[([A-Za-z0-9_./-]+)\\])?\\.(.*)";

  private Annotations() {}

  /// The values of `--annotation`.
  static List<Annotation> of(List<String> values) {
    var annotations = new ArrayList<Annotation>();
    for (var value : values) {
      int equals = value.indexOf('=');
      if (equals < 0) {
        throw wrong(OPTION, value, "it has no value");
      }
      var name = value.substring(0, equals);
      var text = value.substring(equals + 1);
      int colon = name.indexOf(':');
      var levels = colon < 0 ? "manifest" : name.substring(0, colon);
      for (var level : levels.split(",", -1)) {
        var parts = Pattern.compile(LEVEL).matcher(level);
        if (!parts.matches()) {
          throw wrong(OPTION, value, Printable.of(level) + " is no level");
        }
        annotations.add(
            annotation(
                OPTION, parts.group(1), parts.group(2), name.substring(colon + 1), text, value));
      }
    }
    return annotations;
  }

  /// Whether `key` of an `--output` is an annotation.
  static boolean isField(String key) {
    return key.startsWith("annotation") && key.matches(FIELD);
  }

  /// What such a field says.
  static Annotation ofField(String key, String text) {
    var parts = Pattern.compile(FIELD).matcher(key);
    if (!parts.matches()) {
      throw new IllegalArgumentException(key);
    }
    var level = parts.group(1) == null ? "manifest" : parts.group(1);
    return annotation("--output", level, parts.group(2), parts.group(3), text, key);
  }

  private static Annotation annotation(
      String option, String level, String platform, String key, String text, String typed) {
    if (key.isEmpty()) {
      throw wrong(option, typed, "it has no key");
    }
    var found = level(level);
    if (found.isEmpty()) {
      throw wrong(option, typed, Printable.of(level) + " is no level");
    }
    Optional<Platform> of =
        Optional.ofNullable(platform).map(each -> Platforms.parse(option, each));
    if (of.isPresent() && found.get().needsIndex()) {
      throw wrong(option, typed, "an index is not of one platform");
    }
    boolean ofDescriptor =
        found.get() == Level.MANIFEST_DESCRIPTOR || found.get() == Level.INDEX_DESCRIPTOR;
    if (ofDescriptor && key.equals(Descriptor.REF_NAME)) {
      throw wrong(option, typed, "a name is given with --tag");
    }
    return new Annotation(found.get(), of, key, text);
  }

  private static Optional<Level> level(String text) {
    for (var level : Level.values()) {
      if (level.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(text)) {
        return Optional.of(level);
      }
    }
    return Optional.empty();
  }

  /// Told before anything is built: annotations that no manifest or index of it could have.
  ///
  /// @param platforms of the build; none if it is not known before it
  static void check(
      String option, List<Annotation> annotations, List<Platform> platforms, boolean index) {
    for (var annotation : annotations) {
      var level = annotation.level().name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (annotation.level().needsIndex() && !index) {
        throw Options.usage(
                option + ": there is no index to annotate: the image is for one platform")
            .hint("leave out " + level + ", or build for several with --platform");
      }
      var platform = annotation.platform();
      if (platform.isPresent() && !platforms.contains(platform.get())) {
        throw Options.usage(option + ": the build is not for " + platform.get())
            .hint(
                platforms.isEmpty()
                    ? "say what it is for with --platform"
                    : "it is for "
                        + String.join(", ", platforms.stream().map(Platform::toString).toList()));
      }
    }
  }

  private static BuildFailure wrong(String option, String typed, String why) {
    return Options.usage(option + ": " + Printable.of(typed) + ": " + why)
        .hint(
            "write it as KEY=VALUE or LEVEL:KEY=VALUE; levels are manifest, index,"
                + " manifest-descriptor and index-descriptor, also manifest[linux/amd64]");
  }
}
