package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;

/// How many layers may lie upon each other (reliability case 137).
final class LayerCount {

  /// An overlay takes 500 directories; one is for mount points.
  static final int MOST = 499;

  /// More are refused by Docker: "max depth exceeded".
  static final int MOST_IN_DOCKER = 125;

  private LayerCount() {}

  /// @throws BuildFailure if nothing could be run on so many layers
  static void check(int layers) {
    if (layers > MOST) {
      throw BuildFailure.of(
              BuildFailure.Kind.STEP,
              layers + " layers are more than can be put upon each other, which is " + MOST)
          .hint("join instructions, or COPY --from=STAGE / / into a stage FROM scratch");
    }
  }

  /// What to say when a target gets `layers` layers; said once, when the limit is passed.
  static boolean isTooManyForDocker(int layers) {
    return layers == MOST_IN_DOCKER + 1;
  }
}
