package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import dev.jbuild.image.Descriptor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/// `jbuild tree`.
final class TreeCommand implements Command {

  @Override
  public Syntax syntax() {
    return new Syntax(
            "tree",
            "[--json] [IMAGE…]",
            "Show the layers of images as a tree: the lowest first, each with its size and what"
                + " made it. What several images have in common stands there once; where they part,"
                + " the tree branches. Without IMAGE: of all images.",
            "  jbuild tree app:1 app:2")
        .flag("Print JSON.", "--json")
        .arguments("IMAGE", "0..*");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    return StoreWork.run(
        session,
        store -> {
          var images = new StoredImages(store);
          var tree = new LayerTree();
          for (var each : wanted(images, options).entrySet()) {
            add(tree, images, each.getKey(), each.getValue());
          }
          if (options.has("--json")) {
            session.console().result(JsonText.pretty(tree.json()));
          } else {
            tree.lines().forEach(session.console()::result);
          }
          return 0;
        });
  }

  /// By what a person calls them.
  private static Map<String, Descriptor> wanted(StoredImages images, Options options)
      throws IOException {
    var wanted = new LinkedHashMap<String, Descriptor>();
    for (var name : options.arguments()) {
      wanted.put(Printable.of(name), images.named(name));
    }
    if (wanted.isEmpty()) {
      for (var entry : images.entries()) {
        var name = ImageName.of(entry.name()).familiar();
        wanted.put(
            name.map(Printable::of).orElse("<none>@" + entry.descriptor().digest().shortHex()),
            entry.descriptor());
      }
    }
    return wanted;
  }

  private static void add(LayerTree tree, StoredImages images, String name, Descriptor image)
      throws IOException {
    var all = images.all(image);
    for (var each : all) {
      var platform = all.size() > 1 ? " (" + each.config().platform() + ")" : "";
      tree.add(name + Printable.of(platform), each);
    }
  }
}
