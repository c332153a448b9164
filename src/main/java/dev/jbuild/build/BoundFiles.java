package dev.jbuild.build;

import dev.jbuild.context.InputManifest;
import dev.jbuild.context.Selected;
import dev.jbuild.context.Selection;
import dev.jbuild.context.SourceMatch;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.plan.Origin;
import dev.jbuild.plan.RunMount;
import dev.jbuild.plan.RunStep;
import dev.jbuild.tar.TarFormatException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// What the bind mounts of one RUN show, and what its caches begin with: found in the context, in
/// stages and in images, and told by content. Nothing outside of a mount's `source` matters to it.
final class BoundFiles {

  /// Of a step without such mounts.
  static final BoundFiles NONE = new BoundFiles(Map.of(), new InputManifest.Draft().finish());

  private final Map<RunMount, Selected> selected;
  private final InputManifest manifest;

  private BoundFiles(Map<RunMount, Selected> selected, InputManifest manifest) {
    this.selected = selected;
    this.manifest = manifest;
  }

  /// A mount that takes files from somewhere.
  record Taking(RunMount mount, Origin origin, String source) {}

  /// The mounts of `step` that take files from somewhere, in their order.
  static List<Taking> mounts(RunStep step) {
    var taking = new ArrayList<Taking>();
    for (var mount : step.mounts()) {
      switch (mount) {
        case RunMount.Bind bind -> taking.add(new Taking(bind, bind.origin(), bind.source()));
        case RunMount.Cache cache -> {
          if (!(cache.origin() instanceof Origin.Scratch)) {
            taking.add(new Taking(cache, cache.origin(), cache.source()));
          }
        }
        case RunMount.Tmpfs _, RunMount.Secret _, RunMount.Ssh _ -> {}
      }
    }
    return taking;
  }

  /// Where the mounts of `step` take their files from, if that is known without reading any:
  /// then nothing has to be read to find the step in the cache.
  static Optional<String> origins(RunStep step, Workshop shop) throws IOException {
    var text = new StringBuilder();
    for (var mount : mounts(step)) {
      var chain = shop.source(mount.origin()).chain();
      if (chain.isEmpty()) {
        return Optional.empty();
      }
      text.append(chain.get()).append('\0').append(mount.source()).append('\n');
    }
    return Optional.of(text.toString());
  }

  /// The layers of the stages and images from which the mounts of `step` take files.
  static List<Digest> layers(RunStep step, Workshop shop) {
    var layers = new ArrayList<Digest>();
    for (var mount : mounts(step)) {
      shop.layersOf(mount.origin()).ifPresent(layers::addAll);
    }
    return layers;
  }

  /// Looks at all files that the mounts of `step` take.
  ///
  /// @throws BuildFailure where the mount stands, if its source is not there
  static BoundFiles find(RunStep step, Workshop shop) throws IOException {
    var selected = new IdentityHashMap<RunMount, Selected>();
    var draft = new InputManifest.Draft();
    for (var mount : mounts(step)) {
      var found = find(mount, shop);
      selected.put(mount.mount(), found);
      draft.add(found, UnaryOperator.identity());
    }
    return new BoundFiles(selected, draft.finish());
  }

  /// The file or directory that a mount takes.
  static Selected find(Taking mount, Workshop shop) throws IOException {
    var origin = mount.origin();
    var source = mount.source();
    var span = mount.mount().span();
    var from = shop.source(origin);
    var name = origin instanceof Origin.Context ? source.substring(1) : source;
    try {
      return switch (Selection.named(from.tree(), name)) {
        case SourceMatch.Matched(var _, var matches) -> matches.getFirst();
        case SourceMatch.Missing missing -> throw missing.failure("RUN --mount", from.name());
        case SourceMatch.Unmatched _ -> throw new IllegalStateException(name);
      };
    } catch (BuildFailure e) {
      throw e.where().isPresent() ? e : e.at(span);
    } catch (TarFormatException e) {
      throw BuildFailure.of(BuildFailure.Kind.DOCKERFILE, "RUN --mount: " + e.getMessage())
          .at(span);
    }
  }

  /// What `mount` shows or begins with.
  Selected of(RunMount mount) {
    var found = selected.get(mount);
    if (found == null) {
      throw new IllegalStateException("not a mount of this step: " + mount.span());
    }
    return found;
  }

  /// Whether the files of `mount` were looked at.
  boolean holds(RunMount mount) {
    return selected.containsKey(mount);
  }

  /// The digest of what a cache begins with; empty if that is nothing.
  Optional<Digest> seed(RunMount.Cache cache) throws IOException {
    var found = selected.get(cache);
    return found == null
        ? Optional.empty()
        : Optional.of(
            new InputManifest.Draft().add(found, UnaryOperator.identity()).finish().contentKey());
  }

  /// All of it, everything but times.
  InputManifest manifest() {
    return manifest;
  }
}
