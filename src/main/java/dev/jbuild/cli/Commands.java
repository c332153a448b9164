package dev.jbuild.cli;

import java.util.List;
import java.util.Optional;

/// The commands by name. A new command is a class and a line in [#find].
final class Commands {

  /// In the order of the help text: name and what it does.
  static final List<List<String>> SUMMARY =
      List.of(
          List.of("[build] CONTEXT", "build an image from a Dockerfile (the default command)"),
          List.of("import TAR|DIR|URL|- [NAME]", "make an image from a root file system"),
          List.of("run IMAGE [CMD…]", "start a container from an image"),
          List.of("start CONTAINER [CMD…]", "run a process in a kept container"),
          List.of("debug [STEP]", "open a shell in a step, first of all in one that failed"),
          List.of("commit CONTAINER|STEP [NAME]", "make an image of what is kept"),
          List.of("diff CONTAINER|IMAGE [IMAGE]", "show which files differ"),
          List.of("ps", "list kept containers and failed steps"),
          List.of("rm CONTAINER…", "remove kept containers and failed steps"),
          List.of("pull NAME", "bring an image from a registry"),
          List.of("push NAME", "send an image to a registry"),
          List.of("copy SOURCE DESTINATION", "copy an image from registry to registry"),
          List.of("login [REGISTRY]", "log in to a registry"),
          List.of("logout [REGISTRY]", "log out of it"),
          List.of("images", "list images"),
          List.of("history IMAGE", "show how an image was made"),
          List.of("tree [IMAGE…]", "show which layers images have, and which they share"),
          List.of("inspect IMAGE…", "show all about images, as JSON"),
          List.of("tag IMAGE NAME", "give an image another name"),
          List.of("rmi IMAGE…", "remove names, and images without names"),
          List.of("save IMAGE…", "write images to an archive that docker load reads"),
          List.of("load", "read images from an archive"),
          List.of("lint [CONTEXT|FILE|-]", "look for what could be better in a Dockerfile"),
          List.of("parse [FILE|DIR|-]", "show what a Dockerfile says, as JSON"),
          List.of("prune", "remove what nothing needs any more"),
          List.of("registry serve|ls|tags|inspect|rm", "run a registry, or ask one"),
          List.of("cache explain|export|import|ls", "say why steps were made; share the cache"),
          List.of("store check|du", "check the store, or say what fills it"),
          List.of("context ls|why", "say what COPY sees of a context, and which line decides"),
          List.of("doctor", "say whether RUN steps work here, and what would make them"),
          List.of("completion bash|zsh|fish", "print a script with which a shell completes"),
          List.of("version", "show the version"));

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
