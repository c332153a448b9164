package dev.jbuild.cli;

import dev.jbuild.console.Console;
import dev.jbuild.console.Screen;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.Mounts;
import dev.jbuild.store.CorruptBlobException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The entry: finds the command, runs it, turns what went wrong into words and an exit code.
public final class Main {

  private static final int BUG = 1;
  private static final int STANDARD_ERROR = 2;

  /// The variable by which the launcher says that the command may mount something, and that Java
  /// can make a namespace for that itself.
  static final String OWN_MOUNTS = "JBUILD_OWN_MOUNTS";

  /// Options that may stand before the command's name, and whether a value follows.
  private static final Map<String, Boolean> GLOBAL = Map.of("--root", true, "--debug", false);

  private Main() {}

  public static void main(String[] arguments) {
    var words = Arrays.asList(arguments);
    LoadAhead.start(words);
    var console = console(System.getenv());
    int code = run(words, System.getenv(), console);
    console.flush();
    if (code == 0 && console.hasFailed()) {
      code = BuildFailure.Kind.STORE.exitCode();
      console
          .failure()
          .ifPresent(why -> console.message("jbuild: standard output cannot be written: " + why));
    }
    Snapshot.mend();
    // Not a return: threads of a cancelled build may still wait for a process. And not Java's own
    // end, which waits for threads of Java's; but that is when a snapshot is written.
    if (Snapshot.isUsed() && Machine.refusal().isEmpty()) {
      Machine.exit(code);
    }
    Runtime.getRuntime().halt(code);
  }

  private static Console console(Map<String, String> environment) {
    return new Console(
        new FileOutputStream(FileDescriptor.out),
        new FileOutputStream(FileDescriptor.err),
        new Terminal(environment));
  }

  /// Standard error. It is looked at late: what a system call needs first is loaded meanwhile.
  private static final class Terminal implements Screen {

    private final Map<String, String> environment;
    private @Nullable Boolean known;

    Terminal(Map<String, String> environment) {
      this.environment = environment;
    }

    @Override
    public synchronized boolean isTerminal() {
      var is = known;
      if (is == null) {
        is = Machine.isTerminal(STANDARD_ERROR) && !"dumb".equals(environment.get("TERM"));
        known = is;
      }
      return is;
    }

    @Override
    public boolean hasColours() {
      return environment.getOrDefault("NO_COLOR", "").isEmpty() && isTerminal();
    }

    @Override
    public int columns() {
      return isTerminal() ? Machine.terminalColumns(STANDARD_ERROR) : 0;
    }
  }

  static int run(List<String> words, Map<String, String> environment, Console console) {
    try {
      return dispatch(words, environment, console);
    } catch (BuildFailure e) {
      tell(e, words, console);
      return e.kind().exitCode();
    } catch (FileSystemException e) {
      tell(BuildFailure.of(BuildFailure.Kind.STORE, reason(e), e), words, console);
      return BuildFailure.Kind.STORE.exitCode();
    } catch (CorruptBlobException e) {
      var message = Printable.of(String.valueOf(e.getMessage()));
      tell(BuildFailure.of(BuildFailure.Kind.STORE, message, e), words, console);
      return BuildFailure.Kind.STORE.exitCode();
    } catch (InterruptedException e) {
      return 130;
    } catch (IOException | RuntimeException | Error e) {
      if (isOutOfMemory(e)) {
        var failure = memory(Runtime.getRuntime().maxMemory());
        tell(failure, words, console);
        return failure.kind().exitCode();
      }
      return bug(e, console);
    }
  }

  /// Whether it is the heap that was too small, also if another thread or a library says so.
  private static boolean isOutOfMemory(Throwable e) {
    Throwable cause = e;
    for (int i = 0; i < 20 && cause != null; i++, cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError) {
        return true;
      }
    }
    return false;
  }

  /// @param heap the most that Java may take, in bytes
  private static BuildFailure memory(long heap) {
    return BuildFailure.of(
            BuildFailure.Kind.USAGE,
            "this needs more memory than jbuild gives itself, which is %d MiB"
                .formatted(heap >> 20))
        .hint(
            "give it more, as in JBUILD_JAVA_OPTS=-Xmx2g jbuild …; of a context with millions of"
                + " files, leave out in .dockerignore what no step copies");
  }

  private static void tell(BuildFailure failure, List<String> words, Console console) {
    if (words.contains("--debug")) {
      console.message(trace(failure)); // before it: nothing follows a failure
    }
    boolean isSandbox = failure.kind() == BuildFailure.Kind.SANDBOX;
    console.failure(
        isSandbox && failure.hint().isEmpty()
            ? failure.hint("jbuild doctor says what works on this machine")
            : failure);
  }

  private static String reason(FileSystemException e) {
    var why =
        switch (e) {
          case AccessDeniedException _ -> "permission denied";
          case NoSuchFileException _ -> "no such file or directory";
          case FileAlreadyExistsException _ -> "it exists already";
          case FileSystemException other when other.getReason() != null -> other.getReason();
          default -> e.getClass().getSimpleName();
        };
    return Printable.of(e.getFile() + ": " + why);
  }

  private static int dispatch(List<String> words, Map<String, String> environment, Console console)
      throws IOException, InterruptedException {
    var rest = new ArrayList<>(words);
    var global = globals(rest);
    if (rest.isEmpty()) {
      console.message(Overview.text());
      return BuildFailure.Kind.USAGE.exitCode();
    }
    if (rest.equals(List.of("help")) || rest.equals(List.of("--help"))) {
      console.result(Overview.text());
      return 0;
    }
    if (rest.size() == 1 && Set.of("--version", "-V", "-v").contains(rest.getFirst())) {
      console.result(VersionCommand.line());
      return 0;
    }
    int last = rest.size() - 1;
    if (last > 0 && rest.get(last - 1).equals(Rehearsal.OPTION)) {
      var rehearsal = new Rehearsal(Path.of(rest.get(last)), environment, console);
      return switch (rest.getFirst()) {
        case Rehearsal.OPTION -> rehearsal.commands();
        case "import" -> rehearsal.input();
        case "build" -> rehearsal.builds();
        case "images" -> rehearsal.images();
        default -> rehearsal.transfers();
      };
    }
    LongNames.shorten(rest);
    if (rest.size() == 2 && rest.getFirst().equals("help")) {
      rest.set(0, rest.get(1));
      rest.set(1, "--help");
    }
    var found = Commands.find(rest);
    if (found.isPresent()) {
      rest.removeFirst();
    }
    var command = found.orElseGet(BuildCommand::new).narrowed(rest);
    var syntax = command.syntax();
    if (syntax.isHelp(rest)) {
      console.result(syntax.help().stripTrailing());
      return 0;
    }
    rest.addAll(0, global);
    try {
      var options = syntax.parse(rest);
      if (options.has("--help")) { // behind something else
        console.result(syntax.help().stripTrailing());
        return 0;
      }
      if (environment.containsKey(OWN_MOUNTS)) {
        Mounts.leaveNamespace();
      }
      return command.run(options, new Session(console, environment, options));
    } catch (BuildFailure e) {
      tell(e, words, console);
      return command.exitCode(e);
    }
  }

  /// Whether `word` is an option that may stand before the command.
  static boolean isGlobal(String word) {
    return GLOBAL.containsKey(word);
  }

  /// Takes the global options from the front of `words`.
  static List<String> globals(List<String> words) {
    var taken = new ArrayList<String>();
    while (!words.isEmpty()) {
      var word = words.getFirst();
      int equals = word.indexOf('=');
      var name = equals < 0 ? word : word.substring(0, equals);
      if (!GLOBAL.containsKey(name)) {
        break;
      }
      taken.add(words.removeFirst());
      if (GLOBAL.getOrDefault(name, false) && equals < 0 && !words.isEmpty()) {
        taken.add(words.removeFirst());
      }
    }
    return taken;
  }

  /// Anything that is no [BuildFailure] is jbuild's own mistake, and is shown as one.
  private static int bug(Throwable e, Console console) {
    console.message("jbuild: this is a bug in jbuild: " + Printable.of(String.valueOf(e)));
    try {
      var file = Files.createTempFile("jbuild-bug-", ".txt");
      Files.writeString(file, VersionCommand.line() + "\n" + trace(e));
      console.message("   its details are in " + file + "; please report them");
    } catch (IOException unwritable) {
      console.message(trace(e));
    }
    return BUG;
  }

  private static String trace(Throwable e) {
    var text = new java.io.StringWriter();
    e.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
