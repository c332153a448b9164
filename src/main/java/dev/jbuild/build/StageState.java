package dev.jbuild.build;

import dev.jbuild.image.ChainId;
import dev.jbuild.image.Digest;
import dev.jbuild.image.History;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What a stage has come to after some of its steps. Immutable.
///
/// @param diffIds its layers, the lowest first
/// @param history an entry for each instruction; those without a time get one at the end
/// @param chain the identity of its files; null for an empty file system
/// @param created the newest time at which one of its steps was made, seconds since the epoch
/// @param added how many of the layers this build's stages added to their bases
record StageState(
    List<Digest> diffIds,
    List<History> history,
    @Nullable Digest chain,
    OptionalLong created,
    int added) {

  static StageState of(List<Digest> diffIds, List<History> history) {
    return new StageState(
        List.copyOf(diffIds),
        List.copyOf(history),
        diffIds.isEmpty() ? null : ChainId.of(diffIds),
        OptionalLong.empty(),
        0);
  }

  /// The identity of the files as text; `scratch` for an empty file system.
  String chainText() {
    return chain == null ? "scratch" : chain.toString();
  }

  /// The state after a step that made `layer`, or changed nothing in the files.
  StageState after(Optional<Digest> layer, History entry, OptionalLong madeAt) {
    var newer =
        madeAt.isPresent() && (created.isEmpty() || madeAt.getAsLong() > created.getAsLong())
            ? madeAt
            : created;
    if (layer.isEmpty()) {
      return new StageState(diffIds, appended(history, entry), chain, newer, added);
    }
    return new StageState(
        appended(diffIds, layer.get()),
        appended(history, entry),
        ChainId.next(chain, layer.get()),
        newer,
        added + 1);
  }

  private static <T> List<T> appended(List<T> list, T last) {
    var longer = new ArrayList<>(list);
    longer.add(last);
    return List.copyOf(longer);
  }
}
