package dev.jbuild.cli;

import dev.jbuild.registry.RemoteImages;
import java.io.IOException;
import java.util.List;

/// `jbuild registry ls` and `jbuild registry tags`: names, one a line.
final class RemoteListCommand implements Command {

  /// What is listed.
  enum What {
    REPOSITORIES,
    TAGS
  }

  private final What what;

  RemoteListCommand(What what) {
    this.what = what;
  }

  @Override
  public Syntax syntax() {
    var syntax =
        switch (what) {
          case REPOSITORIES ->
              new Syntax(
                      "registry ls",
                      "[OPTIONS] [REGISTRY]",
                      "List the repositories of a registry, by default docker.io. Many registries"
                          + " do not tell.",
                      "  jbuild registry ls localhost:5000")
                  .arguments("REGISTRY", "0..1");
          case TAGS ->
              new Syntax(
                      "registry tags",
                      "[OPTIONS] NAME",
                      "List the tags of a repository.",
                      "  jbuild registry tags localhost:5000/team/app")
                  .arguments("NAME", "1");
        };
    return RegistryAccess.addTo(syntax.flag("Print a JSON array.", "--json"));
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    try (var registries = RegistryAccess.open(options, session)) {
      var names = names(options, new RemoteImages(registries));
      if (options.has("--json")) {
        session.console().result(JsonText.pretty(names));
      } else {
        names.forEach(session.console()::result);
      }
      return 0;
    }
  }

  private List<String> names(Options options, RemoteImages images)
      throws IOException, InterruptedException {
    var arguments = options.arguments();
    return switch (what) {
      case REPOSITORIES ->
          images.repositories(
              arguments.isEmpty() ? RegistryAccess.HUB : RegistryAccess.host(arguments.getFirst()));
      case TAGS -> images.tags(Names.parse(arguments.getFirst()));
    };
  }
}
