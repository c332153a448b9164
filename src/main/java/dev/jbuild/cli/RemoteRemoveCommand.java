package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import dev.jbuild.registry.RemoteImages;
import java.io.IOException;

/// `jbuild registry rm`.
final class RemoteRemoveCommand implements Command {

  @Override
  public Syntax syntax() {
    return RegistryAccess.addTo(
        new Syntax(
                "registry rm",
                "[OPTIONS] NAME:TAG|NAME@DIGEST…",
                "Delete a tag in a registry, or a manifest with all its tags. The registry frees"
                    + " the room when it collects its garbage.",
                "  jbuild registry rm localhost:5000/team/app:1")
            .arguments("NAME", "1..*"));
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    for (var text : options.arguments()) {
      Names.parse(text);
      if (Names.isBare(text)) {
        throw Options.usage(Printable.of(text) + " has neither tag nor digest")
            .hint("say which: " + Printable.of(text) + ":latest");
      }
    }
    try (var registries = RegistryAccess.open(options, session)) {
      for (var text : options.arguments()) {
        var name = Names.parse(text);
        new RemoteImages(registries).delete(name);
        session.console().result("Deleted: " + name.familiar());
      }
      return 0;
    }
  }
}
