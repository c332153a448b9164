package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Span;
import dev.jbuild.linux.Machine;
import dev.jbuild.plan.RunMount;
import dev.jbuild.plan.RunStep;
import java.io.IOException;
import java.util.Optional;

/// What a RUN needs that the person at the command line has to give: missing, it is told where it
/// stands, with the option that gives it.
final class StepNeeds {

  private StepNeeds() {}

  /// Looks at all steps of a plan. Those that the last build had may be in the cache, where they
  /// need nothing, and are looked at when they are not.
  ///
  /// @throws BuildFailure at the first one that lacks something
  static void check(Workshop shop) throws IOException {
    var settings = shop.surroundings().settings();
    for (var stage : shop.plan().stages()) {
      for (var step : stage.steps()) {
        if (step instanceof RunStep run) {
          checkPowers(run, settings);
          var lack = lack(run, settings);
          if (lack.isPresent() && !shop.mayBeCached(stage, run)) {
            throw lack.get();
          }
        }
      }
    }
  }

  /// @throws BuildFailure for what nobody granted, and for what jbuild does not have
  private static void checkPowers(RunStep step, StepSettings settings) {
    if (step.security() == RunStep.Security.INSECURE) {
      checkPrivilege(step, settings);
    }
    if (!step.devices().isEmpty()) {
      throw failure(
              step.span(),
              "RUN needs the device "
                  + Printable.of(step.devices().getFirst())
                  + ", and jbuild knows no device specifications")
          .hint("without ,required the step goes on without it");
    }
  }

  /// @throws BuildFailure for what nobody gave
  static void require(RunStep step, StepSettings settings) {
    var lack = lack(step, settings);
    if (lack.isPresent()) {
      throw lack.get();
    }
  }

  private static Optional<BuildFailure> lack(RunStep step, StepSettings settings) {
    for (var mount : step.mounts()) {
      switch (mount) {
        case RunMount.Secret secret -> {
          if (secret.required() && !settings.secrets().has(secret.id())) {
            var id = Printable.of(secret.id());
            return Optional.of(
                failure(secret.span(), "RUN needs the secret \"" + id + "\", which was not given")
                    .hint(
                        "give it with --secret id=" + id + ",src=FILE or id=" + id + ",env=NAME"));
          }
        }
        case RunMount.Ssh ssh -> {
          if (ssh.required() && settings.agents().find(ssh.id()).isEmpty()) {
            var id = Printable.of(ssh.id());
            return Optional.of(
                failure(ssh.span(), "RUN needs the SSH agent \"" + id + "\", which was not given")
                    .hint(
                        "give it with --ssh " + id + ", or with key files: --ssh " + id + "=FILE"));
          }
        }
        case RunMount.Tmpfs _, RunMount.Bind _, RunMount.Cache _ -> {}
      }
    }
    return Optional.empty();
  }

  /// No Dockerfile can grant itself anything (case 72, CVE-2024-23653).
  private static void checkPrivilege(RunStep step, StepSettings settings) {
    if (!settings.mayBePrivileged()) {
      throw failure(step.span(), "RUN --security=insecure was not granted on the command line")
          .hint(
              "say --allow security.insecure if this Dockerfile may do with the machine what it"
                  + " likes");
    }
    if (Machine.inUserNamespace()) {
      throw failure(
              step.span(),
              "RUN --security=insecure needs root: you have no privileges to give away")
          .hint("run jbuild as root, or take --security=insecure out");
    }
  }

  private static BuildFailure failure(Span span, String message) {
    return BuildFailure.of(BuildFailure.Kind.DOCKERFILE, message).at(span);
  }
}
