package dev.jbuild.plan;

/// Where a step takes files from.
public sealed interface Origin {

  /// The build context.
  record Context() implements Origin {}

  /// The result of a stage above.
  record EarlierStage(int index) implements Origin {}

  /// An image.
  record Image(ImageRequest request) implements Origin {}

  /// A named build context that is a tree of files.
  record Files(String context) implements Origin {}

  /// An empty file system.
  record Scratch() implements Origin {}
}
