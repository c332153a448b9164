package dev.jbuild.cli;

import dev.jbuild.build.KeptStates;
import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.FileChange;
import dev.jbuild.layer.FileChanges;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// `jbuild diff`.
final class DiffCommand implements Command {

  private static final Pattern CUT = Pattern.compile("(.+)~([0-9]{0,3})");
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  @Override
  public Syntax syntax() {
    var syntax =
        new Syntax(
                "diff",
                "[OPTIONS] CONTAINER|STEP|IMAGE [CONTAINER|STEP|IMAGE]",
                "Show which files differ, with their sizes: of a container or a failed step that is"
                    + " kept, what it changed in its image; of an image, what its last layer"
                    + " changed; of two of them, what the second has else. A means added, C"
                    + " changed, D deleted. IMAGE~N is an image without its last N layers; the"
                    + " digest of a layer stands for that layer alone.",
                "  jbuild diff app:1 app:2",
                "  jbuild diff app:2~3 app:2~2")
            .flag("Print JSON.", "--json")
            .value("FORM", "json or a template, as '{{.Kind}} {{.Path}}'.", "--format")
            .value("OS/ARCH", "Which image of several in one.", "--platform");
    Refused.addTo(syntax, ContainerRefused.DIFF);
    return RegistryAccess.addTo(syntax).arguments("CONTAINER|IMAGE", "1..2");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    Refused.check(options, ContainerRefused.DIFF);
    var format = options.value("--format").map(String::strip);
    var template = format.filter(text -> !text.equals("json")).map(DiffCommand::template);
    var images = options.arguments().stream().map(DiffCommand::image).toList();
    return StoreWork.run(
        session.naming(images),
        store -> {
          var changes = changes(store, options);
          if (template.isPresent()) {
            for (var change : changes) {
              session.console().result(template.get().render(fields(change)));
            }
          } else if (options.has("--json") || format.isPresent()) {
            session
                .console()
                .result(JsonText.pretty(changes.stream().map(DiffCommand::json).toList()));
          } else {
            changes.forEach(change -> session.console().result(line(change)));
            session.console().message(summary(changes));
          }
          return 0;
        });
  }

  private static List<FileChange> changes(Store store, Options options) throws IOException {
    var words = options.arguments();
    var states = new KeptStates(store);
    var first = words.getFirst();
    if (words.size() == 2) {
      return between(store, first, words.get(1), options);
    }
    if (states.find(first).isPresent()) {
      return states.changes(states.named(first));
    }
    if (CUT.matcher(first).matches() || DIGEST.matcher(first).matches()) {
      throw Options.usage("diff needs something to compare " + Printable.of(first) + " with");
    }
    return between(store, first + "~1", first, options);
  }

  private static List<FileChange> between(Store store, String a, String b, Options options)
      throws IOException {
    return FileChanges.between(
        view(store, a, options), view(store, b, options), new LayerReader(store));
  }

  private static String image(String word) {
    var cut = CUT.matcher(word);
    return cut.matches() ? cut.group(1) : word;
  }

  private static MergedView view(Store store, String text, Options options) throws IOException {
    var layers = new LayerReader(store);
    var states = new KeptStates(store);
    if (states.find(text).isPresent()) {
      return states.view(states.named(text));
    }
    if (DIGEST.matcher(text).matches() && isLayer(store, text)) {
      return layers.view(List.of(Digest.parse(text)));
    }
    var cut = CUT.matcher(text);
    var name = image(text);
    int without = !cut.matches() ? 0 : cut.group(2).isEmpty() ? 1 : Integer.parseInt(cut.group(2));
    var images = new StoredImages(store);
    var diffIds = images.resolve(images.named(name), Platforms.one(options)).config().diffIds();
    if (without > diffIds.size()) {
      throw BuildFailure.of(
          BuildFailure.Kind.USAGE,
          Printable.of(name) + " has " + diffIds.size() + " layers, and not " + without);
    }
    return layers.view(diffIds.subList(0, diffIds.size() - without));
  }

  private static boolean isLayer(Store store, String text) throws IOException {
    var digest = Digest.parse(text);
    return store.layers().index(digest).isPresent() || store.layers().isWithinReach(digest);
  }

  private static String line(FileChange change) {
    var path = "/" + change.path().printable();
    return switch (change.kind()) {
      case ADDED -> "A " + path + size(change.after());
      case DELETED -> "D " + path + size(change.before());
      case CHANGED -> "C " + path + "  (" + Printable.of(what(change)) + ")";
    };
  }

  private static String size(long bytes) {
    return bytes == 0 ? "" : "  (" + Console.size(bytes) + ")";
  }

  private static String what(FileChange change) {
    var words = String.join(", ", change.what());
    return change.before() == change.after()
        ? words
        : Console.size(change.before()) + " -> " + Console.size(change.after()) + ", " + words;
  }

  private static String summary(List<FileChange> changes) {
    long before = changes.stream().mapToLong(FileChange::before).sum();
    long after = changes.stream().mapToLong(FileChange::after).sum();
    return "%d added, %d changed, %d deleted, %s%s"
        .formatted(
            count(changes, FileChange.Kind.ADDED),
            count(changes, FileChange.Kind.CHANGED),
            count(changes, FileChange.Kind.DELETED),
            after < before ? "-" : "+",
            Console.size(Math.abs(after - before)));
  }

  private static long count(List<FileChange> changes, FileChange.Kind kind) {
    return changes.stream().filter(change -> change.kind() == kind).count();
  }

  /// An unknown field is told also when there are no changes.
  private static Template template(String text) {
    var template = Template.parse(text);
    template.render(
        new Fields(
            Map.of("Kind", "", "Path", "", "Before", 0L, "After", 0L, "What", List.<String>of())));
    return template;
  }

  private static Fields fields(FileChange change) {
    var fields = new LinkedHashMap<String, Object>();
    json(change)
        .forEach(
            (name, value) ->
                fields.put(
                    name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1), value));
    return new Fields(fields);
  }

  private static Map<String, Object> json(FileChange change) {
    var json = new LinkedHashMap<String, Object>();
    json.put("kind", change.kind().name().toLowerCase(Locale.ROOT));
    json.put("path", text("/" + Utf8.decode(change.path().bytes())));
    json.put("before", change.before());
    json.put("after", change.after());
    json.put("what", change.what());
    return json;
  }

  /// JSON has no bytes: a name that is no text is shown with escapes.
  private static String text(String path) {
    return Optional.of(path)
        .filter(each -> each.chars().noneMatch(c -> c >= 0xDC80 && c <= 0xDCFF))
        .orElseGet(() -> Printable.of(path));
  }
}
