package dev.jbuild.build;

import dev.jbuild.image.Platform;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A word about an image that stands in its manifest or index, or in the descriptor of one, and not
/// in its config (image-spec, annotations.md).
///
/// @param platform of which of several images it is said; none: of all
public record Annotation(Level level, Optional<Platform> platform, String key, String value) {

  /// Where an annotation stands.
  public enum Level {
    MANIFEST,
    /// The manifest's descriptor: in the index, or, without one, in a layout's index.json.
    MANIFEST_DESCRIPTOR,
    INDEX,
    /// The index's descriptor, in a layout's index.json.
    INDEX_DESCRIPTOR;

    /// Whether there has to be an index for it.
    public boolean needsIndex() {
      return this == INDEX || this == INDEX_DESCRIPTOR;
    }
  }

  /// Those of `level`; a later one of the same key wins.
  static SortedMap<String, String> of(List<Annotation> annotations, Level level) {
    var found = new TreeMap<String, String>();
    annotations.stream()
        .filter(each -> each.level == level)
        .forEach(each -> found.put(each.key, each.value));
    return found;
  }

  /// Those of `level` that are said of the image for `platform`; what is said of it alone wins.
  static SortedMap<String, String> of(
      List<Annotation> annotations, Level level, Platform platform) {
    var found = of(annotations.stream().filter(each -> each.platform.isEmpty()).toList(), level);
    found.putAll(
        of(
            annotations.stream()
                .filter(each -> each.platform.filter(platform::equals).isPresent())
                .toList(),
            level));
    return found;
  }
}
