package dev.jbuild.build;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Progress;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Reference;
import dev.jbuild.plan.ImageNeed;
import dev.jbuild.plan.ImageRequest;
import dev.jbuild.registry.Puller;
import dev.jbuild.registry.Registries;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The images that a build begins with or copies from: those of the store, else of a registry. What
/// is in the store is used without asking the network, unless the policy says otherwise.
final class Bases {

  private final Images images;

  /// Images of this build alone, by names that only it uses.
  private final Map<Reference, Descriptor> own;

  private final Puller puller;
  private final PullPolicy policy;
  private final Progress progress;

  /// A tag means one image in all of a build, even if it moves meanwhile (reliability case 39).
  private final Set<ImageRequest> asked = new HashSet<>();

  Bases(Store store, Registries registries, BuildRequest build, Progress progress) {
    this.images = new Images(store);
    this.own = build.images();
    this.puller = new Puller(store, registries, new TransferSteps("pull", progress));
    this.policy = build.pull();
    this.progress = progress;
  }

  /// The image that a plan needs.
  ///
  /// @throws BuildFailure at the place in the Dockerfile, if there is none that can be used
  ResolvedImage resolve(ImageNeed need) throws IOException, InterruptedException {
    var request = need.image();
    try {
      var ours = own.get(request.reference());
      if (ours != null) {
        return images.resolve(ours, request.platform());
      }
      var known = images.find(request.reference(), request.platform());
      if (known.isPresent() && !isToBeAsked(request, known.get().descriptor(), need)) {
        return known.get();
      }
      if (policy == PullPolicy.NEVER) {
        throw missing(need);
      }
      return pull(need, known);
    } catch (ImageFormatException e) {
      throw BuildFailure.of(
              BuildFailure.Kind.STORE,
              "the image " + request.reference().familiar() + " cannot be used: " + e.getMessage(),
              e)
          .at(need.span());
    }
  }

  private boolean isToBeAsked(ImageRequest request, Descriptor known, ImageNeed need)
      throws IOException, InterruptedException {
    return switch (policy) {
      case MISSING, NEVER -> false;
      case ALWAYS, NEWER -> asked.add(request) && !isCurrent(request, known, need);
    };
  }

  private boolean isCurrent(ImageRequest request, Descriptor known, ImageNeed need)
      throws IOException, InterruptedException {
    try {
      var tagged = images.descriptor(request.reference()).orElse(known);
      return puller.isCurrent(request.reference(), tagged);
    } catch (BuildFailure e) {
      if (policy == PullPolicy.NEWER) {
        return true;
      }
      throw located(e, need);
    }
  }

  private ResolvedImage pull(ImageNeed need, Optional<ResolvedImage> known)
      throws IOException, InterruptedException {
    var request = need.image();
    var step = new BuildEvent.Step("pull", request.reference().familiar());
    long since = System.nanoTime();
    progress.on(new BuildEvent.Started(step));
    try {
      puller.pull(request.reference(), Optional.of(request.platform()));
    } catch (BuildFailure e) {
      if (policy == PullPolicy.NEWER && known.isPresent()) {
        finished(step, BuildEvent.Outcome.IN_STORE, since);
        return known.get();
      }
      finished(step, BuildEvent.Outcome.FAILED, since);
      throw located(e, need);
    }
    finished(step, BuildEvent.Outcome.DONE, since);
    return images
        .find(request.reference(), request.platform())
        .orElseThrow(() -> new IllegalStateException("pulled and not there: " + request));
  }

  private void finished(BuildEvent.Step step, BuildEvent.Outcome outcome, long since) {
    var took = Duration.ofNanos(System.nanoTime() - since);
    progress.on(new BuildEvent.Finished(step, outcome, took, ""));
  }

  /// At its place in the Dockerfile, with the advice of whoever knows more: a name may be a stage
  /// that was misspelt.
  private static BuildFailure located(BuildFailure failure, ImageNeed need) {
    var placed = failure.at(need.span());
    return need.hint().isPresent() ? placed.hint(need.hint().get()) : placed;
  }

  private static BuildFailure missing(ImageNeed need) {
    return BuildFailure.of(
            BuildFailure.Kind.DOCKERFILE,
            "there is no image "
                + Printable.of(need.image().reference().familiar())
                + " in the store, and --pull=never asks no registry")
        .at(need.span())
        .hint(need.hint().orElse("pull it with jbuild pull, or import it with jbuild import"));
  }
}
