package dev.jbuild.cli;

import java.util.List;
import java.util.Map;

/// The names of two words that Docker has for commands of jbuild: `buildx build`, `image ls`.
final class LongNames {

  private static final Map<String, List<String>> SHORT =
      Map.ofEntries(
          Map.entry("buildx build", List.of("build")),
          Map.entry("buildx b", List.of("build")),
          Map.entry("builder build", List.of("build")),
          Map.entry("image build", List.of("build")),
          Map.entry("image history", List.of("history")),
          Map.entry("image import", List.of("import")),
          Map.entry("image inspect", List.of("inspect")),
          Map.entry("image list", List.of("images")),
          Map.entry("image load", List.of("load")),
          Map.entry("image ls", List.of("images")),
          Map.entry("image pull", List.of("pull")),
          Map.entry("image push", List.of("push")),
          Map.entry("image remove", List.of("rmi")),
          Map.entry("image rm", List.of("rmi")),
          Map.entry("image save", List.of("save")),
          Map.entry("image tag", List.of("tag")),
          Map.entry("container commit", List.of("commit")),
          Map.entry("container diff", List.of("diff")),
          Map.entry("container list", List.of("ps")),
          Map.entry("container ls", List.of("ps")),
          Map.entry("container ps", List.of("ps")),
          Map.entry("container rm", List.of("rm")),
          Map.entry("container run", List.of("run")),
          Map.entry("container start", List.of("start")),
          Map.entry("system df", List.of("store", "du")),
          Map.entry("system prune", List.of("prune")));

  private LongNames() {}

  /// Puts the short name in the place of a long one at the front of `words`. A directory with such
  /// a name is still a context when it stands alone or before an option.
  static void shorten(List<String> words) {
    if (words.size() < 2) {
      return;
    }
    var found = SHORT.get(words.get(0) + " " + words.get(1));
    if (found != null) {
      words.subList(0, 2).clear();
      words.addAll(0, found);
    }
  }
}
