package dev.jbuild.plan;

import dev.jbuild.image.Reference;

/// What `--build-context NAME=VALUE` puts in the place of a stage or image called NAME.
public sealed interface NamedContext {

  /// An image (`docker-image://`, or one that was brought in under this name).
  record Image(Reference reference) implements NamedContext {}

  /// `docker-image://scratch`: no files at all.
  record Scratch() implements NamedContext {}

  /// A tree of files: a directory, an archive, a git repository. What it is knows who gave it.
  record Files() implements NamedContext {}
}
