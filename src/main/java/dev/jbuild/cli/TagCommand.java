package dev.jbuild.cli;

import java.io.IOException;

/// `jbuild tag`.
final class TagCommand implements Command {

  @Override
  public Syntax syntax() {
    return new Syntax(
            "tag",
            "IMAGE NAME[:TAG]",
            "Give an image another name. An image that had the name before stays without it.",
            "  jbuild tag hello:1 registry.example.com/hello:1")
        .arguments("IMAGE NAME", "2");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var image = options.argument("an image and a name");
    var name = Names.tag(options.arguments().getLast());
    return StoreWork.run(
        session,
        store -> {
          store.references().tag(name.full(), new StoredImages(store).named(image));
          return 0;
        });
  }
}
