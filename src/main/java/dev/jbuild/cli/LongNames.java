package dev.jbuild.cli;

import java.util.List;

/// The names of two words that Docker has for commands of jbuild: `buildx build`, `image ls`.
final class LongNames {

  private LongNames() {}

  /// Puts the short name in the place of a long one at the front of `words`. A directory with such
  /// a name is still a context when it stands alone or before an option.
  static void shorten(List<String> words) {
    if (words.size() < 2) {
      return;
    }
    var found = find(words.get(0) + " " + words.get(1));
    if (!found.isEmpty()) {
      words.subList(0, 2).clear();
      words.addAll(0, found);
    }
  }

  private static List<String> find(String name) {
    return switch (name) {
      case "buildx build", "buildx b", "builder build", "image build" -> List.of("build");
      case "image ls", "image list" -> List.of("images");
      case "image rm", "image remove" -> List.of("rmi");
      case "image history",
          "image import",
          "image inspect",
          "image load",
          "image pull",
          "image push",
          "image save",
          "image tag",
          "container commit",
          "container diff",
          "container rm",
          "container run",
          "container start" ->
          List.of(name.substring(name.indexOf(' ') + 1));
      case "container ls", "container list", "container ps" -> List.of("ps");
      case "system df" -> List.of("store", "du");
      case "system prune" -> List.of("prune");
      default -> List.of();
    };
  }
}
