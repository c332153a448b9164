package dev.jbuild.cli;

import java.io.IOException;
import java.util.ArrayList;

/// `jbuild inspect`.
final class InspectCommand implements Command {

  @Override
  public Syntax syntax() {
    return new Syntax(
            "inspect",
            "[OPTIONS] IMAGE…",
            "Show all about images: a JSON array with the members of docker inspect.",
            "  jbuild inspect --format '{{json .Config.Env}}' hello:1")
        .value("TEMPLATE", "json, or a template such as {{.Config.User}}.", "-f", "--format")
        .flag("Accepted: the output is JSON.", "--json")
        .value("OS/ARCH", "Which image of several in one.", "--platform")
        .value("KIND", "Accepted: image, the only kind there is.", "--type")
        .arguments("IMAGE", "1..*");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var format = options.value("--format");
    var template = format.filter(text -> !text.equals("json")).map(Template::parse);
    var platform = Platforms.one(options);
    if (!options.value("--type").orElse("image").equals("image")) {
      throw Options.usage("--type takes image: jbuild keeps nothing else to inspect");
    }
    return StoreWork.run(
        session,
        store -> {
          var images = new StoredImages(store);
          var documents = new ArrayList<Object>();
          for (var text : options.arguments()) {
            documents.add(new ImageDocument(images).of(images.named(text), platform));
          }
          if (template.isPresent()) {
            var lines = documents.stream().map(template.get()::render).toList();
            lines.forEach(session.console()::result);
          } else if (format.isPresent()) {
            documents.forEach(each -> session.console().result(JsonText.compact(each)));
          } else {
            session.console().result(JsonText.pretty(documents));
          }
          return 0;
        });
  }
}
