package dev.jbuild.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// The simple commands of a shell script, as far as a glance tells: enough for advice, not for
/// running it. Quotes go, nothing is expanded, and what is nested stands in a row.
final class ShellCommands {

  /// Words before a command that do not change which one it is.
  private static final Set<String> PREFIXES =
      Set.of("if", "then", "else", "elif", "while", "until", "do", "!", "time", "sudo", "env");

  private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=.*");
  private static final String SEPARATORS = "\n;&|(){}`";

  private final String script;
  private final List<List<String>> commands = new ArrayList<>();
  private List<String> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean inWord;

  private ShellCommands(String script) {
    this.script = script;
  }

  /// The commands of a RUN, in order, each at least one word long.
  static List<List<String>> of(Instruction.Run run) {
    return switch (run.command()) {
      case Command.Shell _ -> of(run.script());
      case Command.Exec(var argv) -> {
        int script = argv.indexOf("-c") + 1;
        yield script > 0 && script < argv.size()
            ? of(argv.get(script))
            : argv.isEmpty() ? List.of() : List.of(argv);
      }
    };
  }

  static List<List<String>> of(String script) {
    var commands = new ShellCommands(script);
    commands.read();
    return List.copyOf(commands.commands);
  }

  private void read() {
    char quote = 0;
    for (int i = 0; i < script.length(); i++) {
      char c = script.charAt(i);
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else if (c == '\\' && quote == '"' && i + 1 < script.length()) {
          word.append(script.charAt(++i));
        } else {
          word.append(c);
        }
      } else if (c == '\'' || c == '"') {
        quote = c;
        inWord = true;
      } else if (c == '\\' && i + 1 < script.length()) {
        char next = script.charAt(++i);
        if (next != '\n') {
          word.append(next);
          inWord = true;
        }
      } else if (c == '#' && !inWord) {
        int end = script.indexOf('\n', i);
        i = (end < 0 ? script.length() : end) - 1;
      } else if (isExpansion(c, i)) {
        word.append(c);
      } else if (SEPARATORS.indexOf(c) >= 0) {
        endCommand();
      } else if (Blank.is(c)) {
        endWord();
      } else {
        word.append(c);
        inWord = true;
      }
    }
    endCommand();
  }

  /// Whether a brace belongs to the word around it, as in `${name}` and `/var/{lib,cache}`.
  private boolean isExpansion(char c, int at) {
    boolean before = at > 0 && !Blank.is(script.charAt(at - 1)) && inWord;
    return (c == '{' || c == '}') && before;
  }

  private void endWord() {
    if (inWord) {
      words.add(word.toString());
    }
    word.setLength(0);
    inWord = false;
  }

  private void endCommand() {
    endWord();
    int from = 0;
    while (from < words.size()
        && (PREFIXES.contains(words.get(from)) || ASSIGNMENT.matcher(words.get(from)).matches())) {
      from++;
    }
    if (from < words.size()) {
      commands.add(List.copyOf(words.subList(from, words.size())));
    }
    words = new ArrayList<>();
  }
}
