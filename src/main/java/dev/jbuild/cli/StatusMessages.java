package dev.jbuild.cli;

import dev.jbuild.console.ProgramMessages;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What `--progress rawjson` tells beside the events of [StatusProgress], in their form: BuildKit's
/// status knows steps and warnings only, so a message is a step that is done and a failure one that
/// failed.
final class StatusMessages implements ProgramMessages {

  private final Clock clock;

  StatusMessages(Clock clock) {
    this.clock = clock;
  }

  @Override
  public String message(String text) {
    return line("vertexes", vertex(text));
  }

  @Override
  public String warning(String text) {
    var warning = new LinkedHashMap<String, Object>();
    warning.put("level", 1);
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    warning.put("short", Base64.getEncoder().encodeToString(bytes));
    return line("warnings", warning);
  }

  @Override
  public String failure(BuildFailure failure) {
    var place = failure.where().map(where -> where + ": ").orElse("");
    var vertex = vertex("failure");
    vertex.put("error", place + failure.message() + failure.hint().map(h -> "\n" + h).orElse(""));
    return line("vertexes", vertex);
  }

  private Map<String, Object> vertex(String name) {
    var now = clock.instant().toString();
    var vertex = new LinkedHashMap<String, Object>();
    vertex.put("digest", digest(name));
    vertex.put("name", name);
    vertex.put("started", now);
    vertex.put("completed", now);
    return vertex;
  }

  /// The digest of a vertex, of what makes it another than the rest.
  static String digest(String name) {
    return Digest.of(name.getBytes(StandardCharsets.UTF_8)).toString();
  }

  /// A status with one member of one kind.
  static String line(String kind, Map<String, Object> one) {
    return JsonText.compact(Map.of(kind, List.of(one)));
  }
}
