package dev.jbuild.build;

import dev.jbuild.context.InputManifest;
import dev.jbuild.context.Selected;
import dev.jbuild.context.Selection;
import dev.jbuild.context.SourceMatch;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Span;
import dev.jbuild.plan.Origin;
import dev.jbuild.plan.RunMount;
import dev.jbuild.plan.RunStep;
import dev.jbuild.tar.TarFormatException;
import java.io.IOException;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// What the bind mounts of one RUN show: found in the context, in stages and in images, and told by
/// content. Nothing outside of a mount's `source` matters to it.
final class BoundFiles {

  /// Of a step without bind mounts.
  static final BoundFiles NONE = new BoundFiles(Map.of(), new InputManifest.Draft().finish());

  private final Map<RunMount.Bind, Selected> selected;
  private final InputManifest manifest;

  private BoundFiles(Map<RunMount.Bind, Selected> selected, InputManifest manifest) {
    this.selected = selected;
    this.manifest = manifest;
  }

  /// The bind mounts of `step`, in their order.
  static List<RunMount.Bind> mounts(RunStep step) {
    return step.mounts().stream()
        .filter(RunMount.Bind.class::isInstance)
        .map(RunMount.Bind.class::cast)
        .toList();
  }

  /// Where the bind mounts of `step` take their files from, if that is known without reading any:
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

  /// Looks at all files that `step` binds.
  ///
  /// @throws BuildFailure where the mount stands, if its source is not there
  static BoundFiles find(RunStep step, Workshop shop) throws IOException {
    var selected = new IdentityHashMap<RunMount.Bind, Selected>();
    var draft = new InputManifest.Draft();
    for (var mount : mounts(step)) {
      var found = find(mount.span(), mount.origin(), mount.source(), shop);
      selected.put(mount, found);
      draft.add(found, UnaryOperator.identity());
    }
    return new BoundFiles(selected, draft.finish());
  }

  /// The file or directory `source` of `origin`.
  static Selected find(Span span, Origin origin, String source, Workshop shop) throws IOException {
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

  /// What `mount` shows.
  Selected of(RunMount.Bind mount) {
    var found = selected.get(mount);
    if (found == null) {
      throw new IllegalStateException("not a mount of this step: " + mount.span());
    }
    return found;
  }

  /// All of it, everything but times.
  InputManifest manifest() {
    return manifest;
  }
}
