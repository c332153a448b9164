package dev.jbuild.image;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The name of a stack of layers, made of their diff IDs (image-spec, config.md, Layer ChainID).
public final class ChainId {

  private ChainId() {}

  /// The chain ID of `diffIds`, lowest layer first.
  ///
  /// @throws IllegalArgumentException if there is no layer
  public static Digest of(List<Digest> diffIds) {
    if (diffIds.isEmpty()) {
      throw new IllegalArgumentException("no layers have no chain ID");
    }
    Digest chain = diffIds.getFirst();
    for (var diffId : diffIds.subList(1, diffIds.size())) {
      chain = next(chain, diffId);
    }
    return chain;
  }

  /// The chain ID of the layer `diffId` on top of the stack `parent`, or of nothing.
  public static Digest next(@Nullable Digest parent, Digest diffId) {
    return parent == null
        ? diffId
        : Digest.of((parent + " " + diffId).getBytes(StandardCharsets.US_ASCII));
  }
}
