package dev.jbuild.plan;

import dev.jbuild.image.ImageConfig;

/// What a stage begins with.
public sealed interface StageBase {

  /// Nothing (`FROM scratch`).
  record Scratch() implements StageBase {}

  /// An image, with its config as it was resolved.
  record Image(ImageRequest request, ImageConfig config) implements StageBase {}

  /// The result of a stage above.
  record EarlierStage(int index) implements StageBase {}

  /// The files of a named build context.
  record Files(String context) implements StageBase {}
}
