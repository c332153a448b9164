package dev.jbuild.build;

import dev.jbuild.context.SourceTree;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Reference;
import dev.jbuild.plan.PlanRequest;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// What is to be built.
///
/// @param plan the Dockerfile and all that decides what it means
/// @param context what COPY and ADD see
/// @param contexts named contexts that are trees of files, by the names that were given
/// @param images images that only this build knows, by references that only it uses
/// @param contextName what the context is called in the store's record of last builds
/// @param tags names for the image
/// @param noCache whether every step is made anew
/// @param clamp SOURCE_DATE_EPOCH of the environment, seconds since the epoch
/// @param reproducible whether times are clamped although no SOURCE_DATE_EPOCH is given
/// @param jobs how many steps may work at once
/// @param steps what RUN steps are given
public record BuildRequest(
    PlanRequest plan,
    SourceTree context,
    Map<String, SourceTree> contexts,
    Map<Reference, Descriptor> images,
    String contextName,
    List<Reference> tags,
    boolean noCache,
    OptionalLong clamp,
    boolean reproducible,
    int jobs,
    StepSettings steps) {

  public BuildRequest {
    contexts = Map.copyOf(contexts);
    images = Map.copyOf(images);
    tags = List.copyOf(tags);
  }
}
