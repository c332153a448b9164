package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Span;
import dev.jbuild.plan.RunMount;
import dev.jbuild.plan.RunStep;
import dev.jbuild.sandbox.StepMount;
import java.util.ArrayList;
import java.util.List;

/// The mounts that a RUN asks for, as the sandbox makes them; and what a RUN asks for that this
/// version does not have, refused where it stands.
final class StepMounts {

  private StepMounts() {}

  /// @throws BuildFailure for what is not there, before the step starts
  static List<StepMount> of(RunStep step) {
    if (step.security() == RunStep.Security.INSECURE) {
      throw refused(step.span(), "RUN --security=insecure needs a grant, and nothing grants it");
    }
    if (!step.devices().isEmpty()) {
      throw refused(step.span(), "RUN --device is not supported by this version");
    }
    var mounts = new ArrayList<StepMount>();
    for (var mount : step.mounts()) {
      switch (mount) {
        case RunMount.Tmpfs tmpfs ->
            mounts.add(new StepMount.Tmpfs(tmpfs.target(), tmpfs.size().orElse(0)));
        case RunMount.Secret secret -> {
          // No secret can be given yet; one that is not required is left out, as everywhere.
          if (secret.required()) {
            throw refused(
                secret.span(), "there is no secret \"" + Printable.of(secret.id()) + "\"");
          }
        }
        case RunMount.Ssh ssh -> {
          if (ssh.required()) {
            throw refused(ssh.span(), "there is no SSH agent \"" + Printable.of(ssh.id()) + "\"");
          }
        }
        case RunMount.Bind bind ->
            throw refused(bind.span(), "RUN --mount=type=bind is not supported by this version");
        case RunMount.Cache cache ->
            throw refused(cache.span(), "RUN --mount=type=cache is not supported by this version");
      }
    }
    return mounts;
  }

  /// What the mounts add to the cache key.
  static String key(RunStep step) {
    var text = new StringBuilder();
    for (var mount : step.mounts()) {
      if (mount instanceof RunMount.Tmpfs tmpfs) {
        text.append("tmpfs ").append(tmpfs.target()).append(' ').append(tmpfs.size()).append('\n');
      }
    }
    return text.toString();
  }

  private static BuildFailure refused(Span span, String message) {
    return BuildFailure.of(BuildFailure.Kind.DOCKERFILE, message).at(span);
  }
}
