package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.plan.RunStep;
import dev.jbuild.plan.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a build notes of a step that is done, for people who want to look into it afterwards.
final class StepTrace {

  private StepTrace() {}

  /// The trace as JSON.
  ///
  /// @param title as progress shows it: `build 3`
  /// @param below the layers below it; only told for the first step of a stage, since those of the
  ///     others follow from it
  /// @param layer its own
  /// @param log the name of its log, if it has one
  static Map<String, Object> of(
      String title,
      Step step,
      Optional<List<Digest>> below,
      Optional<Digest> layer,
      Optional<Digest> log,
      BoundFiles bound,
      Workshop shop)
      throws IOException {
    var json = new LinkedHashMap<String, Object>();
    json.put("title", title);
    json.put("text", step.instruction());
    json.put("dockerfile", step.span().source().name());
    json.put("line", (long) step.span().line());
    json.put("column", (long) step.span().column());
    below.ifPresent(layers -> json.put("below", layers.stream().map(Digest::toString).toList()));
    layer.ifPresent(digest -> json.put("layer", digest.toString()));
    log.ifPresent(digest -> json.put("log", digest.toString()));
    var sources = new ArrayList<KeptSource>();
    if (step instanceof RunStep run) {
      for (var mount : run.mounts()) {
        sources.add(FailedStep.knownOf(mount, bound, shop));
      }
      json.put("recipe", RecipeJson.write(StepRecipe.of(run, shop.surroundings()), sources));
    } else {
      json.put("recipe", RecipeJson.write(StepRecipe.after(step, shop.surroundings()), sources));
    }
    return json;
  }
}
