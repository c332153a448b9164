package dev.jbuild.plan;

import dev.jbuild.failure.Span;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// One stage: what it begins with and what is done to it.
///
/// @param index its place in the Dockerfile, from 0
/// @param name lower case
/// @param span of its FROM
/// @param platform what its steps run on
/// @param start the config before the first step, PATH included, ONBUILD triggers taken out; diff
///     IDs and history are those of the image that the stage, or the stage it is based on, begins
///     with
/// @param image the same after the last step
/// @param steps in order; those that ONBUILD triggered come first
/// @param needs the indexes of all stages that it is based on, copies from or mounts
/// @param globals names in its FROM, and of its ARGs that have their value from above the first
// FROM
public record Stage(
    int index,
    Optional<String> name,
    Span span,
    StageBase base,
    Platform platform,
    ImageConfig start,
    ImageConfig image,
    List<Step> steps,
    SortedSet<Integer> needs,
    Set<String> globals) {

  public Stage {
    steps = List.copyOf(steps);
    globals = Set.copyOf(globals);
    needs = Collections.unmodifiableSortedSet(new TreeSet<>(needs));
  }

  /// What a person calls it: its name, or `stage-2`.
  public String displayName() {
    return name.orElse("stage-" + index);
  }
}
