package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// A command that is only the first word of others, which take options of their own:
/// `jbuild registry ls`.
final class CommandGroup implements Command {

  private final String name;
  private final String summary;
  private final String example;
  private final Map<String, Supplier<Command>> members = new LinkedHashMap<>();

  private CommandGroup(String name, String summary, String example) {
    this.name = name;
    this.summary = summary;
    this.example = example;
  }

  /// `jbuild cache`.
  static CommandGroup cache() {
    return new CommandGroup(
            "cache",
            "ls: list the caches that RUN --mount=type=cache keeps. explain: tell again why steps"
                + " of the last build were made anew. export and import: share the cache of steps"
                + " through a directory or a registry.",
            "  jbuild cache explain")
        .with("ls", CacheListCommand::new)
        .with("explain", CacheExplainCommand::new)
        .with("export", CacheExportCommand::new)
        .with("import", CacheImportCommand::new);
  }

  /// `jbuild registry`.
  static CommandGroup registry() {
    return new CommandGroup(
            "registry",
            "serve: run a registry, to push to and pull from. The others ask any registry: ls lists"
                + " its repositories, tags the tags of one; inspect shows what it has under a name;"
                + " rm deletes.",
            "  jbuild registry serve --addr 127.0.0.1:5000 --data ./registry")
        .with("serve", ServeCommand::new)
        .with("ls", () -> new RemoteListCommand(RemoteListCommand.What.REPOSITORIES))
        .with("tags", () -> new RemoteListCommand(RemoteListCommand.What.TAGS))
        .with("inspect", RemoteInspectCommand::new)
        .with("rm", RemoteRemoveCommand::new);
  }

  private CommandGroup with(String member, Supplier<Command> command) {
    members.put(member, command);
    return this;
  }

  private String known() {
    return String.join("|", members.keySet());
  }

  @Override
  public Syntax syntax() {
    return new Syntax(
            name,
            known(),
            summary + " Each has options of its own, which --help behind it shows.",
            example)
        .arguments(known(), "1..*");
  }

  @Override
  public Command narrowed(List<String> words) {
    var member = words.isEmpty() ? null : members.get(words.getFirst());
    if (member == null) {
      return this;
    }
    words.removeFirst();
    return member.get();
  }

  @Override
  public int run(Options options, Session session) {
    var word = Printable.of(options.argument("a sub-command"));
    throw Options.usage("jbuild " + name + " has no " + word).hint("it has " + known());
  }
}
