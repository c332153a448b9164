package dev.jbuild.build;

import dev.jbuild.context.InputManifest;
import dev.jbuild.image.Digest;
import dev.jbuild.plan.RunStep;
import java.util.HashMap;
import java.util.Optional;

/// What goes into a RUN: all that decides what it does, and no value of a secret.
final class RunInputs {

  private static final String CONTENT = "content";

  private RunInputs() {}

  /// @param below what holds for every step of the stage, and what is below this one
  static StepInputs of(RunStep step, StepInputs below, RunLayer.Surroundings around) {
    var settings = around.settings();
    var own = new HashMap<String, String>();
    own.put("argv", String.join("\0", step.argv()));
    own.put("user", step.user());
    own.put("directory", step.directory());
    own.put("network", step.network() + "/" + settings.network());
    own.put("security", step.security().toString());
    own.put("mounts", StepMounts.key(step));
    own.put("settings", settings.key());
    own.put("host name", around.hostname());
    own.put("script", step.script().map(RunStep.Script::content).orElse(""));
    step.environment().forEach((name, value) -> own.put(StepInputs.VARIABLE + name, value));
    return below.with(own);
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
