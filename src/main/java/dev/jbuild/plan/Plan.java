package dev.jbuild.plan;

import dev.jbuild.dockerfile.Checks;
import dev.jbuild.dockerfile.Finding;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Platform;
import java.util.List;
import java.util.OptionalLong;

/// The stages that a target needs, and what comes out.
///
/// @param stages those that the target reaches, each after all that it depends on
/// @param target the one whose files the image has; it is the last of `stages`
/// @param image the config of the final image, but for `created` and for what its new layers add
///     to diff IDs and history: those are still the base image's
/// @param platform what the final image is for
/// @param clamp what SOURCE_DATE_EPOCH says, seconds since 1970
/// @param hostname what RUN steps see as their host name
/// @param globals the arguments above the first FROM, in order
/// @param findings what is against the rules and is to be heard, in the order of the Dockerfile
/// @param remarks what is said of the whole: build arguments that nobody declares
/// @param checks which findings are heard, for those that come later
public record Plan(
    List<Stage> stages,
    Stage target,
    ImageConfig image,
    Platform platform,
    OptionalLong clamp,
    String hostname,
    List<GlobalArg> globals,
    List<Finding> findings,
    List<String> remarks,
    Checks checks) {

  public Plan {
    stages = List.copyOf(stages);
    globals = List.copyOf(globals);
    findings = List.copyOf(findings);
    remarks = List.copyOf(remarks);
  }

  /// The stage with this number in the Dockerfile.
  ///
  /// @throws IllegalArgumentException if the target does not reach it
  public Stage stage(int index) {
    return stages.stream()
        .filter(stage -> stage.index() == index)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no stage " + index + " in the plan"));
  }
}
