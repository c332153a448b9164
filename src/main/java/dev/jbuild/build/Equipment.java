package dev.jbuild.build;

import dev.jbuild.context.SourceTree;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.OpenLayers;
import dev.jbuild.plan.ImageRequest;
import dev.jbuild.sandbox.Execution;
import dev.jbuild.sandbox.Sandbox;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What the workshops of one build share: one for each platform. Safe for use by many threads.
final class Equipment implements AutoCloseable {

  private final Store store;
  private final SourceTree context;
  private final Map<String, SourceTree> contexts;
  private final Map<ImageRequest, ResolvedImage> images;
  private final Remotes remotes;
  private final OpenAgents agents;
  private final RunLayer.Surroundings surroundings;
  private final Rescuer rescuer;
  private final LayerReader layers;
  private final OpenLayers contents;
  private final BoundTrees boundTrees;
  private final Tally tally = new Tally();
  private final Map<List<Digest>, ViewTree> trees = new HashMap<>();
  private final Map<String, Execution> executions = new HashMap<>();
  private final Map<List<Digest>, Integer> begun = new HashMap<>();
  private @Nullable Sandbox sandbox;
  private @Nullable RunLayer runLayer;
  private @Nullable Path temporary;
  private final List<FailedStep> failed = new ArrayList<>();
  private final AtomicInteger lastSocket = new AtomicInteger();

  /// @param images all that the plans of the build name
  Equipment(
      Store store,
      LayerReader layers,
      SourceTree context,
      Map<String, SourceTree> contexts,
      Map<ImageRequest, ResolvedImage> images,
      Remotes remotes,
      OpenAgents agents,
      RunLayer.Surroundings surroundings,
      Rescuer rescuer) {
    this.store = store;
    this.context = context;
    this.contexts = Map.copyOf(contexts);
    this.images = Map.copyOf(images);
    this.remotes = remotes;
    this.agents = agents;
    this.surroundings = surroundings;
    this.rescuer = rescuer;
    this.layers = layers;
    this.contents = new OpenLayers(layers);
    this.boundTrees = new BoundTrees(store);
  }

  Store store() {
    return store;
  }

  SourceTree context() {
    return context;
  }

  /// The files of a named context; null if none has this name.
  @Nullable SourceTree context(String name) {
    return contexts.get(name);
  }

  Remotes remotes() {
    return remotes;
  }

  RunLayer.Surroundings surroundings() {
    return surroundings;
  }

  LayerReader layers() {
    return layers;
  }

  BoundTrees boundTrees() {
    return boundTrees;
  }

  Tally tally() {
    return tally;
  }

  synchronized RunLayer runLayer() throws IOException, InterruptedException {
    var known = runLayer;
    if (known == null) {
      var sandbox = sandbox();
      var roots = StepRoots.of(sandbox, store, layers);
      begun.forEach(roots::expect);
      known = new RunLayer(layers, roots, sandbox);
      runLayer = known;
    }
    return known;
  }

  /// Tells that so many stages with steps that run begin with these layers.
  synchronized void begin(List<Digest> diffIds, int stages) {
    var used = runLayer;
    if (used == null) {
      begun.merge(List.copyOf(diffIds), stages, Integer::sum);
    } else {
      used.roots().expect(diffIds, stages);
    }
  }

  /// Opened for the first step that runs.
  private synchronized Sandbox sandbox() throws IOException, InterruptedException {
    var known = sandbox;
    if (known == null) {
      known = Sandbox.open(surroundings.settings().sandbox(), temporary(), store.root());
      sandbox = known;
    }
    return known;
  }

  /// Whether steps run programs for an architecture; tried once.
  synchronized Execution execution(String architecture) throws IOException, InterruptedException {
    var known = executions.get(architecture);
    if (known == null) {
      var root = Files.createTempDirectory(temporary(), "processor");
      known = sandbox().tries(architecture, root);
      executions.put(architecture, known);
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

  OpenAgents agents() {
    return agents;
  }

  Rescuer rescuer() {
    return rescuer;
  }

  /// Takes a step that failed, and closes it with the build.
  synchronized void add(FailedStep step) {
    failed.add(step);
  }

  synchronized List<FailedStep> failed() {
    return List.copyOf(failed);
  }

  /// A name in [#temporary] that no other socket has.
  String socketName() {
    return "agent-" + lastSocket.incrementAndGet();
  }

  ResolvedImage image(ImageRequest request) {
    var image = images.get(request);
    if (image == null) {
      throw new IllegalStateException("not resolved: " + request);
    }
    return image;
  }

  synchronized ViewTree tree(List<Digest> diffIds) throws IOException {
    var known = trees.get(diffIds);
    if (known == null) {
      known = new ViewTree(layers.view(diffIds), contents::content);
      trees.put(diffIds, known);
    }
    return known;
  }

  @Override
  public synchronized void close() throws IOException {
    try {
      for (var step : failed) {
        step.close();
      }
      var used = runLayer;
      if (used != null) {
        used.roots().close();
      }
      var opened = sandbox;
      if (opened != null) {
        opened.close();
      }
    } finally {
      contents.close(); // the last that could read them are gone
    }
  }
}
