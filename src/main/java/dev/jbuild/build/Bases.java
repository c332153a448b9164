package dev.jbuild.build;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Progress;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.History;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Reference;
import dev.jbuild.plan.ImageNeed;
import dev.jbuild.plan.ImageRequest;
import dev.jbuild.registry.Puller;
import dev.jbuild.registry.Registries;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The images that a build begins with or copies from: those of the store, else of a registry. What
/// is in the store is used without asking the network, unless the policy says otherwise.
///
/// A registry gives manifests and configs; layers stay there until their bytes are needed. A name
/// means one image in all of a build, even if its tag moves meanwhile (reliability case 39).
final class Bases {

  private final Store store;
  private final Images images;

  /// Images of this build alone, by names that only it uses.
  private final Map<Reference, Descriptor> own;

  private final Puller puller;
  private final PullPolicy policy;
  private final Progress progress;

  /// What registries said in this build that a name means.
  private final Map<Reference, Puller.Found> found = new ConcurrentHashMap<>();

  /// The same for names of which the store has an image for another platform; those that ask for
  /// that platform still get it.
  private final Map<Reference, Puller.Found> foundForOthers = new ConcurrentHashMap<>();

  /// What the store had for a name when this build first used it.
  private final Map<Reference, Descriptor> used = new ConcurrentHashMap<>();

  Bases(Store store, Registries registries, BuildRequest build, Progress progress) {
    this.store = store;
    this.images = new Images(store);
    this.own = build.images();
    this.puller = new Puller(store, registries, new TransferSteps("pull", progress));
    this.policy = build.pull();
    this.progress = progress;
  }

  /// The images that plans need; different names are looked for at once.
  ///
  /// @throws BuildFailure at the first place in the Dockerfile where there is none that can be used
  Map<ImageRequest, ResolvedImage> resolve(List<ImageNeed> needs)
      throws IOException, InterruptedException {
    var byName = new LinkedHashMap<Reference, List<ImageNeed>>();
    for (var need : needs) {
      byName.computeIfAbsent(need.image().reference(), _ -> new ArrayList<>()).add(need);
    }
    if (byName.size() == 1) {
      return resolveAll(needs);
    }
    var resolved = new LinkedHashMap<ImageRequest, ResolvedImage>();
    var running = new ArrayList<Later<Map<ImageRequest, ResolvedImage>>>();
    try {
      for (var each : byName.values()) {
        running.add(Later.beside("base-" + running.size(), () -> resolveAll(each)));
      }
      for (var each : running) {
        resolved.putAll(each.get());
      }
    } finally {
      running.forEach(Later::interrupt);
      running.forEach(Later::close);
    }
    return resolved;
  }

  private Map<ImageRequest, ResolvedImage> resolveAll(List<ImageNeed> ofOneName)
      throws IOException, InterruptedException {
    var resolved = new LinkedHashMap<ImageRequest, ResolvedImage>();
    for (var need : ofOneName) {
      var image = resolve(need);
      store.lease().keep(image.descriptor().digest()); // with all that it names
      resolved.put(need.image(), withHistory(image));
    }
    return resolved;
  }

  /// An image may have no history at all; as soon as an instruction adds its line there must be one
  /// for each layer (image-spec, config.md).
  private static ResolvedImage withHistory(ResolvedImage image) {
    var config = image.config();
    if (!config.history().isEmpty() || config.diffIds().isEmpty()) {
      return image;
    }
    var lines = Collections.nCopies(config.diffIds().size(), new History(null, "", "", "", false));
    return new ResolvedImage(
        image.descriptor(), image.manifest(), config.withLayers(config.diffIds(), lines));
  }

  private ResolvedImage resolve(ImageNeed need) throws IOException, InterruptedException {
    var request = need.image();
    try {
      var ours = own.get(request.reference());
      if (ours != null) {
        return images.resolve(ours, request.platform());
      }
      var asked = found.get(request.reference());
      if (asked != null) {
        return described(asked, need);
      }
      return stored(need);
    } catch (ImageFormatException e) {
      throw BuildFailure.of(
              BuildFailure.Kind.STORE,
              "the image " + request.reference().familiar() + " cannot be used: " + e.getMessage(),
              e)
          .at(need.span());
    }
  }

  /// The image of the store, unless it is a registry that has to be asked.
  private ResolvedImage stored(ImageNeed need) throws IOException, InterruptedException {
    var reference = need.image().reference();
    var known = images.find(reference, need.image().platform());
    boolean first = !used.containsKey(reference);
    if (known.isPresent() && !(first && isToBeAsked(need, known.get().descriptor()))) {
      images.descriptor(reference).ifPresent(image -> used.putIfAbsent(reference, image));
      return policy != PullPolicy.NEVER && isForAnother(known.get(), need)
          ? ofAsked(need, known.get())
          : known.get();
    }
    if (policy == PullPolicy.NEVER) {
      throw missing(need);
    }
    var pinned = pinned(reference);
    return asked(pinned.orElse(reference), need, known);
  }

  /// An index of the store of which another platform was used, and now one is needed that it lacks:
  /// that very index is asked for, whatever its tag means today.
  private Optional<Reference> pinned(Reference reference) {
    return Optional.ofNullable(used.get(reference))
        .filter(image -> image.mediaType().isIndex())
        .map(image -> reference.withDigest(image.digest()));
  }

  private boolean isToBeAsked(ImageNeed need, Descriptor known)
      throws IOException, InterruptedException {
    return switch (policy) {
      case MISSING, NEVER -> false;
      case ALWAYS, NEWER -> !isCurrent(need, known);
    };
  }

  private boolean isCurrent(ImageNeed need, Descriptor known)
      throws IOException, InterruptedException {
    var reference = need.image().reference();
    try {
      return puller.isCurrent(reference, images.descriptor(reference).orElse(known));
    } catch (BuildFailure e) {
      if (policy == PullPolicy.NEWER) {
        return true;
      }
      throw located(e, need);
    }
  }

  private ResolvedImage asked(Reference reference, ImageNeed need, Optional<ResolvedImage> known)
      throws IOException, InterruptedException {
    var step = new BuildEvent.Step("resolve " + reference.familiar(), "manifest and config");
    long since = System.nanoTime();
    progress.on(new BuildEvent.Started(step));
    try {
      var answer = puller.find(reference);
      var resolved = described(answer, need);
      if (reference.equals(need.image().reference())) {
        puller.name(answer);
        found.put(reference, answer);
      }
      finished(step, BuildEvent.Outcome.DONE, since);
      return resolved;
    } catch (BuildFailure e) {
      if (policy == PullPolicy.NEWER && known.isPresent()) {
        finished(step, BuildEvent.Outcome.IN_STORE, since);
        return known.get();
      }
      finished(step, BuildEvent.Outcome.FAILED, since);
      throw located(e, need);
    }
  }

  private ResolvedImage described(Puller.Found answer, ImageNeed need)
      throws IOException, InterruptedException {
    var platform = need.image().platform();
    try {
      return images.resolve(puller.describe(answer, Optional.of(platform)), platform);
    } catch (BuildFailure e) {
      throw located(e, need);
    }
  }

  /// An image that the store has for one platform is the answer for any, with a warning; but a
  /// registry may have the one that was asked for. The name stays with the image of the store: it
  /// may be a person's own.
  private ResolvedImage ofAsked(ImageNeed need, ResolvedImage known)
      throws IOException, InterruptedException {
    var reference = need.image().reference();
    if (reference.digest().isPresent()) {
      return known;
    }
    try {
      var answer = foundForOthers.get(reference);
      if (answer == null) {
        answer = puller.find(reference);
        foundForOthers.put(reference, answer);
      }
      var image = described(answer, need);
      return isForAnother(image, need) ? known : image;
    } catch (BuildFailure | ImageFormatException e) {
      return known; // the plan warns
    }
  }

  private static boolean isForAnother(ResolvedImage image, ImageNeed need) {
    var config = image.config();
    var wanted = need.image().platform();
    boolean says = !config.os().isEmpty() && !config.architecture().isEmpty();
    return says
        && !(config.os().equals(wanted.os())
            && config.architecture().equals(wanted.architecture()));
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
