package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.WrittenLayer;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a step that ran has left: its root, and in it the layer that is not written yet. Closed
/// when no step runs above it any more.
final class FreshLayer implements AutoCloseable {

  private final StepRoot root;
  private final StepChange change;

  /// @param root and `change` are closed with this
  FreshLayer(StepRoot root, StepChange change) {
    this.root = root;
    this.change = change;
  }

  boolean isEmpty() {
    return change.isEmpty();
  }

  /// Writes the layer; once only.
  ///
  /// @param below the chain ID of what is below; null for an empty file system
  /// @return empty if the step changed nothing
  Optional<WrittenLayer> write(@Nullable Digest below) throws IOException {
    return change.isEmpty() ? Optional.empty() : Optional.of(change.write(below));
  }

  /// A root for the next step; empty if that has to wait for the layer. Before it is written.
  Optional<StepRoot> above(StepRoots roots) throws IOException {
    return roots.prepareAbove(root, change);
  }

  @Override
  public void close() throws IOException {
    try (root) {
      change.close();
    }
  }
}
