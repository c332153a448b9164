package dev.jbuild.cli;

import dev.jbuild.build.BuildResult;
import dev.jbuild.console.ProgramMessages;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Reference;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What `--progress json` tells beside the events of [JsonProgress], in their form.
final class JsonMessages implements ProgramMessages {

  @Override
  public String message(String text) {
    return JsonText.compact(event("message", text));
  }

  @Override
  public String warning(String text) {
    return JsonText.compact(event("warning", text));
  }

  @Override
  public String failure(BuildFailure failure) {
    var members = event("failure", failure.message());
    failure
        .where()
        .ifPresent(
            where -> {
              var place = new LinkedHashMap<String, Object>();
              place.put("file", where.source().name());
              place.put("line", where.line());
              place.put("column", where.column());
              members.put("where", place);
            });
    failure.hint().ifPresent(hint -> members.put("hint", hint));
    return JsonText.compact(members);
  }

  /// The end of a build that succeeded.
  String built(List<Reference> tags, BuildResult result, Duration took) {
    var members = new LinkedHashMap<String, Object>();
    members.put("event", "built");
    members.put("names", tags.stream().map(Reference::full).toList());
    members.put("image", result.imageId().toString());
    members.put("digest", result.image().digest().toString());
    if (result.isIndex()) {
      var images = new LinkedHashMap<String, Object>();
      result
          .images()
          .forEach(each -> images.put(each.platform().toString(), each.imageId().toString()));
      members.put("images", images);
    }
    members.put("layers", result.layers());
    members.put("bytes", result.size());
    members.put("newLayers", result.newLayers());
    members.put("newBytes", result.newSize());
    members.put("steps", result.steps());
    members.put("cachedSteps", result.cachedSteps());
    members.put("milliseconds", took.toMillis());
    result.rebuiltFrom().ifPresent(why -> members.put("rebuiltFrom", why));
    return JsonText.compact(members);
  }

  private static Map<String, Object> event(String event, String message) {
    var members = new LinkedHashMap<String, Object>();
    members.put("event", event);
    members.put("message", message);
    return members;
  }
}
