package dev.jbuild.build;

import dev.jbuild.context.Selected;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.plan.RunMount;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the mounts of a step are made from after its build: layers, what was kept with it, and what
/// the person gives now.
///
/// @param kept where a failed step is kept; empty for others
/// @param mounts of the step, each with what is known of its files in `known`
/// @param agents those that the person gives now
record KeptSources(
    Store store,
    LayerReader layers,
    StepRoots roots,
    StepSettings settings,
    OpenAgents agents,
    Path temporary,
    Optional<Path> kept,
    List<RunMount> mounts,
    List<KeptSource> known)
    implements MountSources {

  private static final String SOCKET = "agent";

  /// The mounts that can be made now, and what a person is to be told of the others.
  record Available(List<RunMount> mounts, List<String> missing) {}

  Available available() {
    var there = new ArrayList<RunMount>();
    var missing = new ArrayList<String>();
    for (var mount : mounts) {
      var why = missing(mount);
      why.ifPresent(missing::add);
      if (why.isEmpty()) {
        there.add(mount);
      }
    }
    return new Available(List.copyOf(there), List.copyOf(missing));
  }

  private Optional<String> missing(RunMount mount) {
    return switch (mount) {
      case RunMount.Tmpfs _ -> Optional.empty();
      case RunMount.Secret secret -> {
        var id = Printable.of(secret.id());
        yield settings.secrets().has(secret.id())
            ? Optional.empty()
            : Optional.of(
                "the secret \"%s\" is not there; give it again: --secret id=%s,src=FILE"
                    .formatted(id, id));
      }
      case RunMount.Ssh ssh -> {
        var id = Printable.of(ssh.id());
        yield settings.agents().find(ssh.id()).isPresent()
            ? Optional.empty()
            : Optional.of(
                "the SSH agent \"%s\" is not there; give it again: --ssh %s".formatted(id, id));
      }
      case RunMount.Bind bind ->
          areMoved()
              ? Optional.of(
                  "what is bound at " + Printable.of(bind.target()) + " is not there in a chroot")
              : of(bind).layers().isEmpty() && of(bind).copy().isEmpty()
                  ? Optional.of(
                      "the files of the context at "
                          + Printable.of(bind.target())
                          + " are not there: they are kept with a failed step only")
                  : Optional.empty();
      case RunMount.Cache cache ->
          of(cache).isDirectory()
              ? Optional.empty()
              : Optional.of(
                  "the cache \""
                      + Printable.of(cache.id())
                      + "\" is not there: what it began with is not known any more");
    };
  }

  private KeptSource of(RunMount mount) {
    for (int i = 0; i < mounts.size(); i++) {
      if (mounts.get(i).equals(mount)) {
        return known.get(i);
      }
    }
    throw new IllegalStateException("not a mount of this step: " + mount.span());
  }

  @Override
  public Optional<Path> agent(String id) throws IOException, InterruptedException {
    return agents.socket(id);
  }

  @Override
  public String socketName() {
    for (int number = 1; ; number++) {
      var name = SOCKET + "-" + number;
      if (!temporary.resolve(name).toFile().exists()) {
        return name;
      }
    }
  }

  @Override
  public Shown shown(RunMount.Bind bind) throws IOException {
    var source = of(bind);
    if (source.copy().isPresent()) {
      var copy = kept.orElseThrow().resolve(source.copy().get());
      return new Shown(List.of(copy), source.source(), source.isDirectory(), true);
    }
    var view = layers.view(source.layers());
    try {
      var path = ArchivePath.clamped(Utf8.encode(bind.source()));
      var isDirectory = view.resolve(path, true).isDirectory();
      return new Shown(trees(source.layers()), bind.source(), isDirectory, false);
    } catch (TarFormatException e) {
      throw BuildFailure.of(BuildFailure.Kind.DOCKERFILE, "RUN --mount: " + e.getMessage())
          .at(bind.span());
    }
  }

  /// From the topmost to the lowest.
  private List<Path> trees(List<Digest> diffIds) throws IOException {
    return switch (roots) {
      case OverlayRoots overlays -> overlays.trees(diffIds).reversed();
      case CopiedRoots _ -> List.of(); // nothing is bound there
    };
  }

  @Override
  public boolean areMoved() {
    return roots instanceof CopiedRoots;
  }

  @Override
  public Optional<Digest> seed(RunMount.Cache cache) {
    return of(cache).seed();
  }

  @Override
  public Selected beginning(RunMount.Cache cache) {
    throw BuildFailure.of(
            BuildFailure.Kind.STORE,
            "the cache \"" + Printable.of(cache.id()) + "\" was removed since the build")
        .hint("build again");
  }
}
