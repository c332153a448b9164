package dev.jbuild.build;

import dev.jbuild.context.Selected;
import dev.jbuild.failure.Utf8;
import dev.jbuild.image.Digest;
import dev.jbuild.plan.Origin;
import dev.jbuild.plan.RunMount;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// What the mounts of a step of a running build are made from.
record BuildSources(BoundFiles bound, Workshop shop, Consumer<String> waiting)
    implements MountSources {

  @Override
  public void waits(String reason) {
    waiting.accept(reason);
  }

  @Override
  public Store store() {
    return shop.store();
  }

  @Override
  public StepSettings settings() {
    return shop.surroundings().settings();
  }

  @Override
  public Path temporary() throws IOException {
    return shop.temporary();
  }

  @Override
  public Optional<Path> agent(String id) throws IOException, InterruptedException {
    return shop.equipment().agents().socket(id);
  }

  @Override
  public String socketName() {
    return shop.equipment().socketName();
  }

  @Override
  public Shown shown(RunMount.Bind bind) throws IOException, InterruptedException {
    return switch (shop.runLayer().roots()) {
      case OverlayRoots roots -> mounted(bind, roots);
      case CopiedRoots _ -> {
        verify(bind.origin());
        var own = shop.store().makeTemporaryDirectory();
        BoundTrees.write(bound.of(bind), own, ArchivePath.ROOT);
        yield copy(bound.of(bind), own);
      }
    };
  }

  /// Files of a stage or an image are their unpacked trees; others are a copy.
  private Shown mounted(RunMount.Bind bind, OverlayRoots roots) throws IOException {
    var selected = bound.of(bind);
    var layers = shop.layersOf(bind.origin());
    if (layers.isPresent()) {
      var trees = roots.trees(layers.get()).reversed();
      return new Shown(trees, bind.source(), selected.isDirectory(), false);
    }
    return copy(selected, shop.boundTrees().of(selected));
  }

  /// What is only claimed of layers is not shown to a step.
  private void verify(Origin origin) throws IOException {
    var layers = shop.layersOf(origin);
    if (layers.isPresent()) {
      shop.layers().verify(layers.get());
    }
  }

  private static Shown copy(Selected selected, Path copy) {
    var name = selected.isDirectory() ? "/" : Utf8.decode(selected.target().bytes());
    return new Shown(List.of(copy), name, selected.isDirectory(), true);
  }

  @Override
  public boolean areMoved() throws IOException, InterruptedException {
    return shop.runLayer().roots() instanceof CopiedRoots;
  }

  @Override
  public Optional<Digest> seed(RunMount.Cache cache) throws IOException {
    return bound.seed(cache);
  }

  @Override
  public Selected beginning(RunMount.Cache cache) throws IOException {
    verify(cache.origin());
    return bound.of(cache);
  }
}
