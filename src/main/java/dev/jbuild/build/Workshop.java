package dev.jbuild.build;

import dev.jbuild.context.MemoryTree;
import dev.jbuild.context.SourceTree;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.ChainId;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.TreeUnpacker;
import dev.jbuild.plan.ImageRequest;
import dev.jbuild.plan.Origin;
import dev.jbuild.plan.Plan;
import dev.jbuild.sandbox.Namespaces;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What all stages of one build share. Safe for use by many threads.
final class Workshop implements AutoCloseable {

  private final Store store;
  private final Plan plan;
  private final SourceTree context;
  private final Map<String, SourceTree> contexts;
  private final Map<ImageRequest, ResolvedImage> images;
  private final StepCache cache;
  private final LastBuild lastBuild;
  private final Downloads downloads;
  private final RunLayer.Surroundings surroundings;
  private final LayerReader layers;
  private final Tally tally = new Tally();
  private final Map<Integer, StageState> finished = new ConcurrentHashMap<>();
  private final Map<List<Digest>, ViewTree> trees = new ConcurrentHashMap<>();
  private @Nullable Namespaces sandbox;
  private @Nullable RunLayer runLayer;
  private @Nullable Path temporary;

  Workshop(
      Store store,
      Plan plan,
      SourceTree context,
      Map<String, SourceTree> contexts,
      Map<ImageRequest, ResolvedImage> images,
      StepCache cache,
      LastBuild lastBuild,
      Downloads downloads,
      RunLayer.Surroundings surroundings) {
    this.store = store;
    this.plan = plan;
    this.context = context;
    this.contexts = Map.copyOf(contexts);
    this.images = Map.copyOf(images);
    this.cache = cache;
    this.lastBuild = lastBuild;
    this.downloads = downloads;
    this.surroundings = surroundings;
    this.layers = new LayerReader(store);
  }

  Store store() {
    return store;
  }

  StepCache cache() {
    return cache;
  }

  LastBuild lastBuild() {
    return lastBuild;
  }

  Downloads downloads() {
    return downloads;
  }

  RunLayer.Surroundings surroundings() {
    return surroundings;
  }

  LayerReader layers() {
    return layers;
  }

  Tally tally() {
    return tally;
  }

  /// The sandbox is opened for the first step that runs.
  synchronized RunLayer runLayer() throws IOException {
    var known = runLayer;
    if (known == null) {
      var opened = Namespaces.open(temporary());
      sandbox = opened;
      known = new RunLayer(store, layers, new TreeUnpacker(store, layers), opened);
      runLayer = known;
    }
    return known;
  }

  /// A directory for temporary files, gone when the store is closed.
  synchronized Path temporary() throws IOException {
    var known = temporary;
    if (known == null) {
      known = store.makeTemporaryDirectory();
      temporary = known;
    }
    return known;
  }

  ResolvedImage image(ImageRequest request) {
    var image = images.get(request);
    if (image == null) {
      throw new IllegalStateException("not resolved: " + request);
    }
    return image;
  }

  void finish(int stage, StageState state) {
    finished.put(stage, state);
  }

  StageState state(int stage) {
    var state = finished.get(stage);
    if (state == null) {
      throw new IllegalStateException("stage " + stage + " is not finished");
    }
    return state;
  }

  /// The files that a copy takes from.
  CopyFrom source(Origin origin) throws IOException {
    return switch (origin) {
      case Origin.Context _ -> new CopyFrom("the context", context, Optional.empty());
      case Origin.Scratch _ ->
          new CopyFrom("scratch", new MemoryTree(List.of()), Optional.of("scratch"));
      case Origin.EarlierStage(var index) ->
          of("stage " + plan.stage(index).displayName(), state(index).diffIds());
      case Origin.Image(var request) ->
          of("the image " + request.reference().familiar(), image(request).config().diffIds());
      case Origin.Files(var name) ->
          new CopyFrom("the build context " + Printable.of(name), named(name), Optional.empty());
    };
  }

  /// The planner takes names of contexts from the request that named them.
  private SourceTree named(String context) {
    var tree = contexts.get(context);
    if (tree == null) {
      throw new IllegalStateException("no build context is called " + Printable.of(context));
    }
    return tree;
  }

  /// Where a copy takes its files from.
  ///
  /// @param name what a person calls it, printable
  /// @param chain the identity of all files there, if it is known without reading them
  record CopyFrom(String name, SourceTree tree, Optional<String> chain) {}

  private CopyFrom of(String name, List<Digest> diffIds) throws IOException {
    if (diffIds.isEmpty()) {
      return new CopyFrom(name, new MemoryTree(List.of()), Optional.of("scratch"));
    }
    return new CopyFrom(
        name, new LazyTree(() -> tree(diffIds)), Optional.of(ChainId.of(diffIds).toString()));
  }

  private synchronized ViewTree tree(List<Digest> diffIds) throws IOException {
    var known = trees.get(diffIds);
    if (known == null) {
      known = new ViewTree(layers.view(diffIds), layers::content);
      trees.put(diffIds, known);
    }
    return known;
  }

  @Override
  public void close() throws IOException {
    var opened = sandbox;
    if (opened != null) {
      opened.close();
    }
  }
}
