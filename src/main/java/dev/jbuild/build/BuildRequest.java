package dev.jbuild.build;

import dev.jbuild.context.SourceTree;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.plan.PlanRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is to be built.
///
/// @param plan the Dockerfile and all that decides what it means, but for the platform
/// @param platforms what the image is for, in the order wanted, each once; none: for what its base
///     is for
/// @param index whether the images are put into an index; always if there are several platforms
/// @param annotations for manifests and index
/// @param context what COPY and ADD see
/// @param contexts named contexts that are trees of files, by the names that were given
/// @param images images that only this build knows, by references that only it uses
/// @param times of contexts that have one as a whole, by name, seconds since the epoch; the build
///     context has no name
/// @param contextName what the context is called in the store's record of last builds
/// @param tags names for the image
/// @param noCache whether every step is made anew
/// @param noCacheStages names, lower case, of stages whose steps are
/// @param reproducible whether times are clamped although no SOURCE_DATE_EPOCH is given
/// @param squash whether the layers above the base are made into one
/// @param jobs how many steps may work at once
/// @param caches shared caches to take steps from, in the order in which they are asked
/// @param inlineCache whether the image holds a cache of its own layers
/// @param steps what RUN steps are given
/// @param pull when a registry is asked for base images
/// @param leavesLayers whether layers of the result that nothing needed stay where they are: the
///     image goes to a registry only
public record BuildRequest(
    PlanRequest plan,
    List<Platform> platforms,
    boolean index,
    List<Annotation> annotations,
    SourceTree context,
    Map<String, SourceTree> contexts,
    Map<Reference, Descriptor> images,
    Map<String, Long> times,
    String contextName,
    List<Reference> tags,
    boolean noCache,
    Set<String> noCacheStages,
    boolean reproducible,
    boolean squash,
    int jobs,
    List<CachePlace> caches,
    boolean inlineCache,
    StepSettings steps,
    PullPolicy pull,
    boolean leavesLayers) {

  public BuildRequest {
    contexts = Map.copyOf(contexts);
    images = Map.copyOf(images);
    times = Map.copyOf(times);
    platforms = List.copyOf(platforms);
    annotations = List.copyOf(annotations);
    tags = List.copyOf(tags);
    caches = List.copyOf(caches);
    noCacheStages = Set.copyOf(noCacheStages);
    index |= platforms.size() > 1;
  }
}
