package dev.jbuild.plan;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The named build contexts, found by the name of a stage or an image.
///
/// Names are compared as image names, `:latest` left away; `name::os/arch` stands in for one
/// platform only and wins there. `scratch` and `context` cannot be replaced.
final class Contexts {

  private static final String PLATFORM = "::";
  private static final String LATEST = ":latest";

  private final Map<String, Found> byName = new HashMap<>();

  /// @throws BuildFailure if what follows a `::` is no platform
  Contexts(Map<String, NamedContext> contexts) {
    contexts.forEach(
        (name, context) -> {
          int at = name.indexOf(PLATFORM);
          var key =
              at < 0
                  ? normal(name)
                  : normal(name.substring(0, at))
                      + PLATFORM
                      + platform(name, name.substring(at + PLATFORM.length()));
          byName.put(key, new Found(name, context));
        });
  }

  private static Platform platform(String name, String text) {
    try {
      return Platform.parse(text);
    } catch (IllegalArgumentException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.USAGE, "--build-context " + Printable.of(name) + ": " + e.getMessage());
    }
  }

  /// A context and the name it was given under.
  record Found(String name, NamedContext context) {

    Origin origin(Platform platform) {
      return switch (context) {
        case NamedContext.Image(var reference) ->
            new Origin.Image(new ImageRequest(reference, platform));
        case NamedContext.Scratch() -> new Origin.Scratch();
        case NamedContext.Files() -> new Origin.Files(name);
      };
    }
  }

  Optional<Found> find(String name, Platform platform) {
    if (name.equalsIgnoreCase("scratch") || name.equalsIgnoreCase("context")) {
      return Optional.empty();
    }
    var key = normal(name);
    return Optional.ofNullable(byName.get(key + PLATFORM + platform))
        .or(() -> Optional.ofNullable(byName.get(key)));
  }

  private static String normal(String name) {
    if (Reference.problem(name).isPresent()) {
      return name;
    }
    var familiar = Reference.parse(name).familiar();
    return familiar.endsWith(LATEST)
        ? familiar.substring(0, familiar.length() - LATEST.length())
        : familiar;
  }
}
