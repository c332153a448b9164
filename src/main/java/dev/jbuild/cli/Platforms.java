package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import dev.jbuild.image.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Platforms as they are typed: `--platform linux/amd64,linux/arm64`, also given several times.
final class Platforms {

  static final String OPTION = "--platform";

  /// What docker's commands take if nothing is typed.
  private static final String DEFAULT = "DOCKER_DEFAULT_PLATFORM";

  /// This machine's, as in docker buildx.
  private static final String LOCAL = "local";

  private Platforms() {}

  /// The platforms of a build, in the order typed, each once; none if nobody says.
  static List<Platform> of(Options options, Map<String, String> environment) {
    var values = options.values(OPTION);
    if (values.isEmpty()) {
      var usual = environment.getOrDefault(DEFAULT, "");
      return usual.isEmpty() ? List.of() : List.of(parse(DEFAULT, usual));
    }
    var platforms = new ArrayList<Platform>();
    for (var value : values) {
      for (var text : value.split(",", -1)) {
        var platform = parse(OPTION, text.strip());
        if (!platforms.contains(platform)) {
          platforms.add(platform);
        }
      }
    }
    return platforms;
  }

  /// Whether an index is wanted whatever the number of platforms: BuildKit's argument for it.
  static boolean wantsIndex(Map<String, String> buildArgs) {
    return switch (buildArgs.getOrDefault("BUILDKIT_MULTI_PLATFORM", "")) {
      case "1", "true", "TRUE", "True", "t", "T" -> true;
      case "", "0", "false", "FALSE", "False", "f", "F" -> false;
      default ->
          throw Options.usage("the build argument BUILDKIT_MULTI_PLATFORM takes true or false");
    };
  }

  /// The platform of a command that takes one.
  static Optional<Platform> one(Options options) {
    return options.value(OPTION).map(text -> parse(OPTION, text));
  }

  /// @param where names the option or variable in messages
  static Platform parse(String where, String text) {
    if (text.equals(LOCAL)) {
      return Platform.host();
    }
    try {
      return Platform.parse(text);
    } catch (IllegalArgumentException e) {
      throw Options.usage(Printable.of(where) + ": " + e.getMessage())
          .hint("write it as linux/amd64 or linux/arm/v7; several with commas between them");
    }
  }
}
