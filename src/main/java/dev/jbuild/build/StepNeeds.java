package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Span;
import dev.jbuild.plan.RunMount;
import dev.jbuild.plan.RunStep;

/// What a RUN needs that the person at the command line has to give: missing, it is told where it
/// stands, with the option that gives it.
final class StepNeeds {

  private StepNeeds() {}

  /// @throws BuildFailure for what nobody gave, and for what jbuild does not have
  static void check(RunStep step, StepSettings settings) {
    if (step.security() == RunStep.Security.INSECURE) {
      throw failure(step.span(), "RUN --security=insecure needs a grant, and nothing grants it");
    }
    if (!step.devices().isEmpty()) {
      throw failure(
              step.span(), "RUN --device is not supported: jbuild knows no device specifications")
          .hint("take the device out, or run that step where the device is");
    }
    for (var mount : step.mounts()) {
      switch (mount) {
        case RunMount.Secret secret -> {
          if (secret.required() && !settings.secrets().has(secret.id())) {
            var id = Printable.of(secret.id());
            throw failure(secret.span(), "RUN needs the secret \"" + id + "\", which was not given")
                .hint("give it with --secret id=" + id + ",src=FILE or id=" + id + ",env=NAME");
          }
        }
        case RunMount.Ssh ssh -> {
          if (ssh.required()) {
            throw failure(ssh.span(), "there is no SSH agent \"" + Printable.of(ssh.id()) + "\"");
          }
        }
        case RunMount.Tmpfs _, RunMount.Bind _, RunMount.Cache _ -> {}
      }
    }
  }

  private static BuildFailure failure(Span span, String message) {
    return BuildFailure.of(BuildFailure.Kind.DOCKERFILE, message).at(span);
  }
}
