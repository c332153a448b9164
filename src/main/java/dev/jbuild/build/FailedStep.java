package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.ChainId;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Json;
import dev.jbuild.plan.Origin;
import dev.jbuild.plan.RunMount;
import dev.jbuild.plan.RunStep;
import dev.jbuild.sandbox.ExitStatus;
import dev.jbuild.store.KeptEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A RUN that failed in this process, with the root as it left it: kept when all other steps of the
/// build are gone, or closed.
///
/// @param title as progress shows it: `build 3`
/// @param image what an image would be that ends before the step
/// @param log the name of its log
record FailedStep(
    Workshop shop,
    String title,
    RunStep step,
    ImageConfig image,
    BoundFiles bound,
    StepRoot root,
    ExitStatus status,
    Digest log)
    implements AutoCloseable {

  /// Whether `failure` tells of this step.
  boolean isToldBy(BuildFailure failure) {
    return failure.where().filter(step.span()::equals).isPresent();
  }

  /// Removes from the root the files that a secret of the step was written into.
  ///
  /// @return what was removed, printable
  List<String> sweep() throws IOException {
    return root.sweep(RunExecution.secrets(step, shop));
  }

  /// Keeps the root. No other step may run any more: what was copied from a context for mounts goes
  /// with it.
  KeptEntry keep() throws IOException, InterruptedException {
    var extra = new LinkedHashMap<String, Path>();
    var sources = new ArrayList<KeptSource>();
    for (var mount : step.mounts()) {
      sources.add(source(mount, extra));
    }
    var config = shop.store().blobs().put(image.bytes());
    return root.keep(changes -> Json.write(spec(config, sources, changes)), extra);
  }

  private KeptSource source(RunMount mount, Map<String, Path> extra)
      throws IOException, InterruptedException {
    var known = knownOf(mount, bound, shop);
    if (mount instanceof RunMount.Bind bind
        && known.layers().isEmpty()
        && !(bind.origin() instanceof Origin.Scratch)) {
      var shown = new BuildSources(bound, shop, _ -> {}).shown(bind);
      var tree = shown.trees().getFirst();
      var name =
          extra.entrySet().stream()
              .filter(each -> each.getValue().equals(tree))
              .map(Map.Entry::getKey)
              .findFirst()
              .orElse("bind-" + extra.size());
      extra.put(name, tree);
      return new KeptSource(
          List.of(), Optional.of(name), shown.source(), shown.isDirectory(), Optional.empty());
    }
    return known;
  }

  /// What of a mount's files is known without this process.
  static KeptSource knownOf(RunMount mount, BoundFiles bound, Workshop shop) throws IOException {
    return switch (mount) {
      case RunMount.Bind bind ->
          new KeptSource(
              shop.layersOf(bind.origin()).orElse(List.of()),
              Optional.empty(),
              bind.source(),
              true,
              Optional.empty());
      case RunMount.Cache cache -> {
        boolean isKnown = bound.holds(cache) || cache.origin() instanceof Origin.Scratch;
        var seed = isKnown ? bound.seed(cache) : Optional.<Digest>empty();
        yield new KeptSource(List.of(), Optional.empty(), "/", isKnown, seed);
      }
      case RunMount.Tmpfs _, RunMount.Secret _, RunMount.Ssh _ -> KeptSource.NONE;
    };
  }

  private Map<String, Object> spec(Digest config, List<KeptSource> sources, List<Digest> changes)
      throws IOException {
    var json = new LinkedHashMap<String, Object>();
    json.put("kind", KeptStep.KIND);
    json.put("title", title);
    json.put("instruction", step.instruction());
    json.put("dockerfile", step.span().source().name());
    json.put("line", (long) step.span().line());
    json.put("column", (long) step.span().column());
    json.put("exitCode", (long) status.code());
    json.put("build", shop.notes().build().toString());
    json.put("log", log.toString());
    json.put("image", config.toString());
    json.put("layers", image.diffIds().stream().map(Digest::toString).toList());
    json.put("changes", changes.stream().map(Digest::toString).toList());
    json.put("recipe", RecipeJson.write(StepRecipe.of(step, shop.surroundings()), sources));
    json.put("changed", false);
    // A prune keeps what is listed here with the step.
    var blobs = new ArrayList<>(List.of(config));
    var trees = new ArrayList<Digest>();
    addStack(image.diffIds(), blobs, trees);
    blobs.addAll(changes);
    for (var source : sources) {
      addStack(source.layers(), blobs, trees);
    }
    json.put("blobs", blobs.stream().map(Digest::toString).distinct().toList());
    json.put("trees", trees.stream().map(Digest::toString).distinct().toList());
    return json;
  }

  private void addStack(List<Digest> diffIds, List<Digest> blobs, List<Digest> trees)
      throws IOException {
    @Nullable Digest chain = null;
    for (var diffId : diffIds) {
      chain = ChainId.next(chain, diffId);
      trees.add(chain);
      blobs.add(diffId);
      for (var form : shop.store().layers().compressedForms(diffId)) {
        blobs.add(form.descriptor().digest());
      }
    }
  }

  @Override
  public void close() throws IOException {
    root.close();
  }
}
