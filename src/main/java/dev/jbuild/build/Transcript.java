package dev.jbuild.build;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What happened in the shell of a step.
///
/// @param succeeded the commands that were typed and ended with 0, in their order
/// @param lastRetry the exit code with which the instruction ended when it was last run again
public record Transcript(List<String> succeeded, OptionalInt lastRetry) {

  /// Nothing.
  public static final Transcript EMPTY = new Transcript(List.of(), OptionalInt.empty());

  private static final Pattern WITH_RETRY =
      Pattern.compile("(?:^|[;&|(){}\n]|\\b(?:if|while|until|then|do|else|!))\\s*retry(?![\\w-])");
  private static final Pattern AND_RETRY = Pattern.compile("\\s*(?:&&|;)\\s*retry\\s*;?\\s*$");
  private static final Pattern LEAVES = Pattern.compile("(?:exit|logout|fg|bg|jobs)\\b.*");
  private static final Pattern IN_BACKGROUND = Pattern.compile("(?s).*(?<!&)&\\s*");

  /// What keeps commands from standing in one line: a comment takes the rest of the line with it, a
  /// here-document needs lines of its own.
  private static final Pattern NEEDS_LINES = Pattern.compile("(?s).*(?:\n|(?:^|\\s)#|<<|\\\\$).*");

  /// What would swallow the failure of a command before it in one line.
  private static final Pattern IS_LOOSE = Pattern.compile(";|\\|\\|");

  /// Several commands, of which the first may fail.
  private static final Pattern IS_LIST = Pattern.compile(";|\\|\\||&&");

  public Transcript {
    succeeded = List.copyOf(succeeded);
  }

  /// A RUN instruction that does the same; empty if nothing is left of it. `retry` and what only
  /// means something to a shell that is typed into are no part of it, and neither is what runs in
  /// the background, of which nobody knows whether it succeeded.
  public Optional<String> instruction() {
    var commands = new ArrayList<String>();
    for (var typed : succeeded) {
      var command = AND_RETRY.matcher(typed.strip()).replaceAll("").replaceFirst(";\\s*$", "");
      boolean isOwn =
          WITH_RETRY.matcher(command).find()
              || LEAVES.matcher(command).matches()
              || IN_BACKGROUND.matcher(command).matches();
      if (!command.isBlank() && !isOwn) {
        commands.add(command);
      }
    }
    if (commands.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        commands.stream().noneMatch(each -> NEEDS_LINES.matcher(each).matches())
            ? inOneLine(commands)
            : inLines(commands));
  }

  private static String inOneLine(List<String> commands) {
    return commands.stream()
        .map(each -> IS_LOOSE.matcher(each).find() ? "{ " + each + "; }" : each)
        .collect(Collectors.joining(" && ", "RUN ", ""));
  }

  /// `set -e` says nothing of a list like `a && b`.
  private static String inLines(List<String> commands) {
    var end = "EOF";
    while (String.join("\n", commands).contains(end)) {
      end = "_" + end;
    }
    return commands.stream()
        .map(each -> IS_LIST.matcher(each).find() ? "{\n" + each + "\n} || exit\n" : each + "\n")
        .collect(Collectors.joining("", "RUN <<'" + end + "'\nset -e\n", end));
  }
}
