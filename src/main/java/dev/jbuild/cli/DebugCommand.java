package dev.jbuild.cli;

import dev.jbuild.build.DebugRequest;
import dev.jbuild.build.DebugTarget;
import dev.jbuild.build.Debugger;
import dev.jbuild.build.Transcript;
import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.Machine;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/// `jbuild debug`.
final class DebugCommand implements Command {

  /// As docker run: jbuild itself failed.
  private static final int OWN_FAILURE = 125;

  private final List<String> command;

  DebugCommand() {
    this(List.of());
  }

  /// @param command what follows `--`
  private DebugCommand(List<String> command) {
    this.command = List.copyOf(command);
  }

  @Override
  public Command narrowed(List<String> words) {
    int end = words.indexOf("--");
    if (end < 0) {
      return this;
    }
    var tail = words.subList(end, words.size());
    var split = new DebugCommand(tail.subList(1, tail.size()));
    tail.clear();
    return split;
  }

  @Override
  public Syntax syntax() {
    var syntax =
        new Syntax(
                "debug",
                "[OPTIONS] [BUILD] [STEP] [-- COMMAND [ARGUMENT…]]",
                "Open a shell in the step that failed last: with the files as it left them, and its"
                    + " user, environment, directory, mounts and network. In it, retry runs the"
                    + " instruction again; on leaving, what was typed and succeeded is shown as a"
                    + " RUN instruction. STEP is any step of the last build, as the build calls it:"
                    + " build 3. COMMAND is run instead of a shell.",
                "  jbuild debug",
                "  jbuild debug --log build 3")
            .flag("The files as they were before the step.", "--before")
            .flag("Bring along the busybox of this machine.", "--with-tools")
            .flag("Print what the step printed, all of it.", "--log")
            .flag("List the failed steps that are kept and the steps of the last build.", "--list")
            .flag("Print the list as JSON.", "--json")
            .flag("Forget the failed step on leaving.", "--rm")
            .values("NAME=VALUE", "Set a proxy variable that the step had.", "--build-arg");
    StepOptions.addGiven(syntax);
    return RegistryAccess.addWithoutLogin(SandboxOption.addTo(syntax))
        .arguments("BUILD|STEP", "0..*");
  }

  @Override
  public int exitCode(BuildFailure failure) {
    return OWN_FAILURE;
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    checkTogether(options);
    RegistryAccess.refuseLogin(options);
    return StoreWork.run(
        session,
        store -> {
          var choice = new DebugChoice(store);
          if (options.has("--list") || options.has("--json")) {
            new DebugList(choice).print(session.console(), options.has("--json"));
            return 0;
          }
          if (options.has("--log")) {
            return log(store, choice.log(options.arguments()), session.console());
          }
          return enter(store, choice.target(options.arguments()), options, session);
        });
  }

  /// What prints goes into no step, so that what is for a visit is a mistake beside it.
  private void checkTogether(Options options) {
    for (var printing : List.of("--list", "--json", "--log")) {
      if (!options.has(printing)) {
        continue;
      }
      if (!command.isEmpty()) {
        throw Options.usage(printing + " prints something, and runs no command");
      }
      for (var visiting : List.of("--before", "--with-tools", "--rm")) {
        if (options.has(visiting)) {
          throw Options.usage(printing + " and " + visiting + " exclude each other");
        }
      }
    }
  }

  private static int log(Store store, DebugChoice.Log log, Console console) throws IOException {
    try (var file = Files.newInputStream(store.builds().logFile(log.build(), log.name()))) {
      console.output(file);
      return 0;
    } catch (NoSuchFileException e) {
      throw BuildFailure.of(BuildFailure.Kind.STORE, "the log of this step is gone")
          .hint("logs go with jbuild prune --all, and the oldest of many");
    }
  }

  private int enter(Store store, DebugTarget target, Options options, Session session)
      throws IOException, InterruptedException {
    var kept = target.kept();
    if (kept.isEmpty() && options.has("--rm")) {
      throw Options.usage("--rm forgets a failed step, and " + target.shown() + " is none")
          .hint("leave it out: of this step nothing is kept that was changed");
    }
    try {
      int code = visit(store, target, options, session);
      if (kept.isPresent() && options.has("--rm")) {
        kept.get().hold().remove();
      }
      return code;
    } finally {
      kept.ifPresent(each -> each.hold().close());
    }
  }

  private int visit(Store store, DebugTarget target, Options options, Session session)
      throws IOException, InterruptedException {
    var console = session.console();
    boolean isTerminal = Machine.isTerminal(0) && Machine.isTerminal(1);
    if (command.isEmpty() && !isTerminal) {
      throw Options.usage("a shell needs a terminal, and there is none")
          .hint("jbuild debug -- COMMAND runs one command in the step");
    }
    var request =
        new DebugRequest(
            options.has("--before"),
            command,
            options.has("--with-tools"),
            StepOptions.read(options, session),
            proxies(target, options, session),
            session.environment());
    if (command.isEmpty()) {
      console.message("in " + target.shown());
    }
    var visits = new ArrayList<Debugger.Visit>();
    var status =
        new Foreground(true, isTerminal, SignalNumbers.TERMINATE, console)
            .run(
                (input, streams, control) -> {
                  var debugger = new Debugger(store, console::warning);
                  var visit = debugger.visit(target, request, input, streams, control);
                  visits.add(visit);
                  return visit.status();
                });
    status
        .reason()
        .ifPresent(
            reason ->
                console.failure(
                    BuildFailure.of(BuildFailure.Kind.STEP, "cannot run it: " + reason)));
    if (command.isEmpty() && !visits.isEmpty()) {
      tell(target, visits.getFirst(), options, console);
    }
    return status.code();
  }

  /// Other build arguments are in the step's environment already.
  private static SortedMap<String, String> proxies(
      DebugTarget target, Options options, Session session) {
    var given = BuildCommand.givenArgs(options.values("--build-arg"), session.environment());
    for (var name : given.keySet()) {
      if (!target.proxies().contains(name)) {
        throw Options.usage(
                "--build-arg " + Printable.of(name) + " is no proxy variable of this step")
            .hint("its other variables are as the build had them");
      }
    }
    return given;
  }

  /// What comes out of a shell in a step.
  static void tell(Transcript transcript, Console console) {
    transcript
        .lastRetry()
        .ifPresent(
            code ->
                console.message(
                    code == 0
                        ? "the instruction succeeds now"
                        : "the instruction still fails, with exit code " + code));
    var instruction = transcript.instruction();
    if (instruction.isPresent()) {
      console.message("what was typed and succeeded, as an instruction:");
      instruction.get().lines().forEach(line -> console.result(Printable.of(line)));
      console.flush();
    }
  }

  private static void tell(
      DebugTarget target, Debugger.Visit visit, Options options, Console console) {
    tell(visit.transcript(), console);
    if (target.kept().isPresent() && !options.has("--before") && !options.has("--rm")) {
      var id = target.kept().get().step().entry().id();
      console.message(
          "its files stay as they are now: jbuild debug "
              + id
              + " goes on from there, jbuild commit "
              + id
              + " NAME makes an image of them");
    } else if (target.kept().isEmpty() || options.has("--before")) {
      console.message("what was changed in its files is gone");
    }
  }
}
