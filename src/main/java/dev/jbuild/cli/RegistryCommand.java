package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import java.util.List;

/// `jbuild registry` and its sub-commands, which take options of their own. A new one is a class
/// and a line in [#narrowed].
final class RegistryCommand implements Command {

  private static final String KNOWN = "serve|ls|tags|inspect|rm";

  @Override
  public Syntax syntax() {
    return new Syntax(
            "registry",
            KNOWN,
            "serve: run a registry, to push to and pull from. The others ask any registry: ls lists"
                + " its repositories, tags the tags of one; inspect shows what it has under a name;"
                + " rm deletes. Each has options of its own, which --help behind it shows.",
            "  jbuild registry serve --addr 127.0.0.1:5000 --data ./registry")
        .arguments(KNOWN, "1..*");
  }

  @Override
  public Command narrowed(List<String> words) {
    var name = words.isEmpty() ? "" : words.getFirst();
    Command found =
        switch (name) {
          case "serve" -> new ServeCommand();
          case "ls" -> new RemoteListCommand(RemoteListCommand.What.REPOSITORIES);
          case "tags" -> new RemoteListCommand(RemoteListCommand.What.TAGS);
          case "inspect" -> new RemoteInspectCommand();
          case "rm" -> new RemoteRemoveCommand();
          default -> this;
        };
    if (found != this) {
      words.removeFirst();
    }
    return found;
  }

  @Override
  public int run(Options options, Session session) {
    throw Options.usage("jbuild registry has no " + Printable.of(options.argument("a sub-command")))
        .hint("it has " + KNOWN);
  }
}
