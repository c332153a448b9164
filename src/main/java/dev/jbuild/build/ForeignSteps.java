package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Platform;
import dev.jbuild.plan.Plan;
import dev.jbuild.plan.RunStep;
import dev.jbuild.plan.Stage;
import dev.jbuild.plan.StageBase;
import dev.jbuild.sandbox.Execution;
import java.io.IOException;
import java.util.Optional;

/// RUN steps whose programs are made for another processor than the machine's: they run if the
/// kernel knows an emulator. That it knows none is told before the first step of the build.
final class ForeignSteps {

  private static final String LINUX = "linux";

  private ForeignSteps() {}

  /// Looks at all steps of a plan. Those that the last build had may be in the cache, and are
  /// looked at when they are not.
  ///
  /// @throws BuildFailure at the first one that cannot run
  static void check(Workshop shop) throws IOException, InterruptedException {
    for (var stage : shop.plan().stages()) {
      if (foreign(shop, stage).isEmpty()) {
        continue;
      }
      for (var step : stage.steps()) {
        if (step instanceof RunStep run && !shop.mayBeCached(stage, run)) {
          require(shop, stage, run);
        }
      }
    }
  }

  /// What the programs of a stage are made for, if that is not this machine.
  private static Optional<Platform> foreign(Workshop shop, Stage stage) {
    return platform(shop.plan(), stage).filter(each -> !Platform.host().equals(each));
  }

  /// @throws BuildFailure if the step's programs are for a processor that nothing here runs
  static void require(Workshop shop, Stage stage, RunStep step)
      throws IOException, InterruptedException {
    var platform = foreign(shop, stage);
    if (platform.isEmpty()) {
      return;
    }
    var foreign = platform.get();
    if (!foreign.os().equals(LINUX)) {
      throw BuildFailure.of(
              BuildFailure.Kind.SANDBOX, "RUN: programs for " + foreign + " do not run on Linux")
          .at(step.span())
          .hint("make the files in a stage FROM --platform=$BUILDPLATFORM, and COPY them");
    }
    if (shop.execution(foreign.architecture()) == Execution.NO_EMULATOR) {
      throw BuildFailure.of(
              BuildFailure.Kind.SANDBOX,
              "RUN: programs for " + foreign + " do not run on this machine, " + Platform.host())
          .at(step.span())
          .hint(advice(foreign.architecture()));
    }
  }

  /// What to do if the program of a step is not found; empty if nothing about processors.
  static Optional<String> adviceIfNotFound(Workshop shop, Stage stage)
      throws IOException, InterruptedException {
    var platform = foreign(shop, stage);
    if (platform.isEmpty()
        || shop.execution(platform.get().architecture()) != Execution.IN_IMAGE_ONLY) {
      return Optional.empty();
    }
    return Optional.of(
        "the emulator for "
            + platform.get()
            + " is registered without flag F: it is looked for in the image; register it with F, as"
            + " docker run --privileged --rm tonistiigi/binfmt does");
  }

  /// How programs for `architecture` come to run.
  static String advice(String architecture) {
    return "let the kernel know an emulator: apt install qemu-user-static binfmt-support, or:"
        + " docker run --privileged --rm tonistiigi/binfmt --install "
        + architecture
        + "; a stage that only cross-compiles needs none: FROM --platform=$BUILDPLATFORM";
  }

  /// What the programs of a stage are made for, as its image says, which may be another platform
  /// than was asked for. Files that were copied onto nothing say nothing.
  private static Optional<Platform> platform(Plan plan, Stage stage) {
    return switch (stage.base()) {
      case StageBase.Image(_, var config) -> {
        boolean known = !config.os().isEmpty() && !config.architecture().isEmpty();
        yield Optional.of(known ? config.platform() : stage.platform());
      }
      case StageBase.EarlierStage(int index) -> platform(plan, plan.stage(index));
      case StageBase.Files _, StageBase.Scratch _ -> Optional.empty();
    };
  }
}
