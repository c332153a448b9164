package dev.jbuild.plan;

import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.image.Platform;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/// What is to be planned.
///
/// @param buildArgs `--build-arg`, by name; values are data and are never read as Dockerfile text
/// @param target `--target`: a stage's name, or its number; the last stage if empty
/// @param requestedPlatform `--platform`; if empty, images are asked for the build platform and the
///     result keeps the platform of its base
/// @param buildPlatform what steps run on natively
/// @param labels `--label`: put on the final image only, over the Dockerfile's
/// @param contexts `--build-context`: what stands in for stages and images of that name
/// @param epoch what [Planner#clamp] came to: seconds since 1970, or nothing at all if it names
///     something without a time; empty if nobody looked
public record PlanRequest(
    Dockerfile dockerfile,
    SortedMap<String, String> buildArgs,
    Optional<String> target,
    Optional<Platform> requestedPlatform,
    Platform buildPlatform,
    SortedMap<String, String> labels,
    Map<String, NamedContext> contexts,
    Optional<OptionalLong> epoch) {

  public PlanRequest {
    buildArgs = Collections.unmodifiableSortedMap(new TreeMap<>(buildArgs));
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    contexts = Map.copyOf(contexts);
  }

  /// The same, with SOURCE_DATE_EPOCH as it is written.
  public PlanRequest(
      Dockerfile dockerfile,
      SortedMap<String, String> buildArgs,
      Optional<String> target,
      Optional<Platform> requestedPlatform,
      Platform buildPlatform,
      SortedMap<String, String> labels,
      Map<String, NamedContext> contexts) {
    this(
        dockerfile,
        buildArgs,
        target,
        requestedPlatform,
        buildPlatform,
        labels,
        contexts,
        Optional.empty());
  }

  /// `dockerfile` without any option, its last stage, for the machine `buildPlatform`.
  public static PlanRequest of(Dockerfile dockerfile, Platform buildPlatform) {
    return new PlanRequest(
        dockerfile,
        new TreeMap<>(),
        Optional.empty(),
        Optional.empty(),
        buildPlatform,
        new TreeMap<>(),
        Map.of());
  }

  /// The same, asked for another target.
  public PlanRequest forTarget(String stage) {
    return new PlanRequest(
        dockerfile,
        buildArgs,
        Optional.of(stage),
        requestedPlatform,
        buildPlatform,
        labels,
        contexts,
        epoch);
  }

  /// The same, asked for another platform.
  public PlanRequest forPlatform(Platform platform) {
    return new PlanRequest(
        dockerfile,
        buildArgs,
        target,
        Optional.of(platform),
        buildPlatform,
        labels,
        contexts,
        epoch);
  }

  /// The same, now that it is known what SOURCE_DATE_EPOCH comes to.
  public PlanRequest at(OptionalLong seconds) {
    return new PlanRequest(
        dockerfile,
        buildArgs,
        target,
        requestedPlatform,
        buildPlatform,
        labels,
        contexts,
        Optional.of(seconds));
  }

  /// The platform that the final image is for, as far as images are asked for it.
  public Platform targetPlatform() {
    return requestedPlatform.orElse(buildPlatform);
  }
}
