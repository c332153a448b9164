package dev.jbuild.build;

import dev.jbuild.context.InputManifest;
import dev.jbuild.image.Digest;
import dev.jbuild.plan.RunStep;
import java.util.Optional;

/// What goes into a RUN: all that decides what it does, and no value of a secret.
final class RunInputs {

  private static final String CONTENT = "content";

  private RunInputs() {}

  /// @param below what holds for every step of the stage, and what is below this one
  static StepInputs of(RunStep step, StepInputs below, RunLayer.Surroundings around) {
    var settings = around.settings();
    var inputs =
        below
            .with("argv", String.join("\0", step.argv()))
            .with("user", step.user())
            .with("directory", step.directory())
            .with("network", step.network() + "/" + settings.network())
            .with("security", step.security().toString())
            .with("mounts", StepMounts.key(step))
            .with("settings", settings.key())
            .with("host name", around.hostname())
            .with("script", step.script().map(RunStep.Script::content).orElse(""));
    for (var variable : step.environment().entrySet()) {
      inputs = inputs.with(StepInputs.VARIABLE + variable.getKey(), variable.getValue());
    }
    return inputs;
  }

  /// The same with the content of what the step binds.
  static StepInputs withContent(StepInputs inputs, InputManifest files) {
    return inputs.with(CONTENT, files.contentKey().toString());
  }

  /// What is noted of a step for the next build: its files one by one, not their digest.
  static StepInputs noted(StepInputs inputs, Optional<Digest> files) {
    return files.isEmpty()
        ? inputs
        : inputs.without(CONTENT).with(StepInputs.FILES, files.get().toString());
  }
}
