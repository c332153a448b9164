package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.WrittenLayer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What a step changed in its root: the layer that it will be. For one thread at a time.
sealed interface StepChange extends AutoCloseable
    permits OverlayChange, StepChange.Made, StepChange.None {

  /// Whether there is nothing, and so no layer.
  boolean isEmpty();

  /// Writes it as a layer, and keeps the files for the steps that come after it. Once only.
  ///
  /// @param below the chain ID of what is below; null for an empty file system
  WrittenLayer write(@Nullable Digest below) throws IOException;

  @Override
  void close();

  /// A layer that was written at once.
  record Made(WrittenLayer layer) implements StepChange {
    @Override
    public boolean isEmpty() {
      return false;
    }

    @Override
    public WrittenLayer write(@Nullable Digest below) {
      return layer;
    }

    @Override
    public void close() {}
  }

  /// No change.
  record None() implements StepChange {
    @Override
    public boolean isEmpty() {
      return true;
    }

    @Override
    public WrittenLayer write(@Nullable Digest below) {
      throw new IllegalStateException("nothing changed");
    }

    @Override
    public void close() {}
  }
}
