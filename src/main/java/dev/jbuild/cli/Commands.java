package dev.jbuild.cli;

import java.util.List;
import java.util.Optional;

/// The commands by name. A new command is a class and a line in [#find] and [Overview].
final class Commands {

  private Commands() {}

  /// The command that `words` begin with. `context` with nothing or an option behind it is a
  /// directory to build.
  static Optional<Command> find(List<String> words) {
    var name = words.getFirst();
    boolean alone = words.size() == 1 || words.get(1).startsWith("-");
    if (name.equals("context") && alone && !words.contains("--help")) {
      return Optional.empty();
    }
    return Optional.ofNullable(
        switch (name) {
          case "build", "bud" -> new BuildCommand();
          case KanikoCommand.NAME -> new KanikoCommand();
          case "import" -> new ImportCommand();
          case "run" -> new RunCommand();
          case "debug" -> new DebugCommand();
          case "start" -> new StartCommand();
          case "commit" -> new CommitCommand();
          case "diff" -> new DiffCommand();
          case "ps" -> new PsCommand();
          case "rm" -> new RmCommand();
          case "pull" -> new PullCommand();
          case "push" -> new PushCommand();
          case "copy" -> new CopyCommand();
          case "login" -> new LoginCommand();
          case "logout" -> new LogoutCommand();
          case "images" -> new ImagesCommand();
          case "history" -> new HistoryCommand();
          case "inspect" -> new InspectCommand();
          case "tree" -> new TreeCommand();
          case "tag" -> new TagCommand();
          case "rmi" -> new RemoveCommand();
          case "save" -> new SaveCommand();
          case "load" -> new LoadCommand();
          case "lint" -> new LintCommand();
          case "parse" -> new ParseCommand();
          case "prune" -> new PruneCommand();
          case "registry" -> CommandGroup.registry();
          case "cache" -> CommandGroup.cache();
          case "store" -> new StoreCommand();
          case "context" -> new ContextCommand();
          case "doctor" -> new DoctorCommand();
          case "completion" -> new CompletionCommand();
          case CompleteCommand.NAME -> new CompleteCommand();
          case "version" -> new VersionCommand();
          default -> null;
        });
  }
}
