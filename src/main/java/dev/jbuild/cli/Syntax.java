package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The options and arguments of one command, described in code: annotations would cost a scan of
/// every command's class at each start.
final class Syntax {

  private final String name;
  private final String synopsis;
  private final String description;
  private final String[] examples;
  private final List<Option> options = new ArrayList<>();
  private final Map<String, Option> byName = new HashMap<>();
  private final Map<String, String> bareValues = new HashMap<>();
  private String argumentLabel = "";
  private boolean isArgumentLast;
  private int fewest;
  private int most;

  /// @param name as typed after `jbuild`
  /// @param synopsis what follows it in the usage line
  Syntax(String name, String synopsis, String description, String... examples) {
    this.name = name;
    this.synopsis = synopsis;
    this.description = description;
    this.examples = examples.clone();
    flag("Show this help.", "-h", "--help");
    value("DIR", "Keep everything in DIR instead of the default store.", "--root");
    flag("Show the cause of a failure with its stack trace.", "--debug");
  }

  /// `-h` is not for help, as elsewhere, but for what is added next under this name.
  Syntax withoutShortHelp() {
    options.remove(byName.remove("-h"));
    return flag("Show this help.", "--help");
  }

  /// Whether the words are nothing but a cry for help.
  boolean isHelp(List<String> words) {
    if (words.isEmpty()) {
      return false;
    }
    var option = byName.get("-h");
    boolean isShort = words.size() == 1 || (option != null && option.kind() == Kind.FLAG);
    return words.getFirst().equals("--help") || (words.getFirst().equals("-h") && isShort);
  }

  /// How often an option may have a value.
  enum Kind {
    FLAG,
    VALUE,
    VALUES
  }

  private Syntax add(
      Kind kind, String label, String description, boolean isHidden, String[] names) {
    boolean takesNextWord = kind != Kind.FLAG && !bareValues.containsKey(names[0]);
    var option = new Option(kind, List.of(names), label, description, isHidden, takesNextWord);
    options.add(option);
    for (var each : names) {
      byName.put(each, option);
    }
    return this;
  }

  /// An option without a value; `=true` and `=false` may follow it. Of several the last counts.
  Syntax flag(String description, String... names) {
    return add(Kind.FLAG, "", description, false, names);
  }

  /// An option with a value; of several the last counts.
  Syntax value(String label, String description, String... names) {
    return add(Kind.VALUE, label, description, false, names);
  }

  /// An option with a value that may be given again and again.
  Syntax values(String label, String description, String... names) {
    return add(Kind.VALUES, label, description, false, names);
  }

  /// An option whose value may be left out. It takes one with `=` only, never the next word.
  ///
  /// @param bare the value that the option alone stands for
  Syntax optional(String label, String bare, String description, String... names) {
    for (var each : names) {
      bareValues.put(each, each + "=" + bare);
    }
    return value(label, description, names);
  }

  /// An option that help does not show.
  Syntax hidden(String name, boolean hasValue) {
    var kind = hasValue ? Kind.VALUES : Kind.FLAG;
    return add(kind, hasValue ? "PARAM" : "", "", true, new String[] {name});
  }

  /// An option that help does not show, whose value may be left out.
  Syntax hiddenOptional(String name) {
    bareValues.put(name, name + "=");
    return hidden(name, true);
  }

  /// The arguments.
  ///
  /// @param arity how many: `1`, `0..1`, `1..*`
  Syntax arguments(String label, String arity) {
    int dots = arity.indexOf("..");
    fewest = Integer.parseInt(dots < 0 ? arity : arity.substring(0, dots));
    var last = dots < 0 ? arity : arity.substring(dots + 2);
    most = last.equals("*") ? Integer.MAX_VALUE : Integer.parseInt(last);
    argumentLabel = label;
    return this;
  }

  /// Everything from the first argument on is an argument, as in `run IMAGE ls -l`.
  Syntax optionsEndAtArgument() {
    isArgumentLast = true;
    return this;
  }

  /// Reads the words of a command line.
  ///
  /// @throws BuildFailure of kind USAGE that says what is wrong
  Options parse(List<String> words) {
    var all = withBareValues(words);
    var options =
        PlainWords.read(all, byName, isArgumentLast)
            .filter(plain -> !argumentLabel.isEmpty() || plain.arguments().isEmpty())
            .orElseGet(() -> picocli().parse(all, this::mistake));
    checkArguments(options);
    return options;
  }

  private PicocliSyntax picocli() {
    var syntax = new PicocliSyntax(name, synopsis, description, examples);
    options.forEach(syntax::add);
    if (!argumentLabel.isEmpty()) {
      syntax.addArguments(argumentLabel);
    }
    if (isArgumentLast) {
      syntax.endOptionsAtArgument();
    }
    return syntax;
  }

  /// picocli counts those between two options, not all of them.
  private void checkArguments(Options options) {
    var arguments = options.arguments();
    if (options.has("--help")) {
      return;
    }
    if (arguments.size() < fewest) {
      throw mistake(name + " needs " + argumentLabel);
    }
    if (arguments.size() > most) {
      throw mistake(name + " does not take \"" + Printable.of(arguments.get(most)) + "\"");
    }
  }

  /// An option as a person sees it.
  ///
  /// @param label of its value, empty if it has none
  /// @param takesNextWord whether the word behind it is its value
  record Option(
      Kind kind,
      List<String> names,
      String label,
      String description,
      boolean isHidden,
      boolean takesNextWord) {

    boolean hasValue() {
      return kind != Kind.FLAG;
    }
  }

  /// Those that help shows.
  List<Option> options() {
    return options.stream().filter(each -> !each.isHidden()).toList();
  }

  /// The option that `name` is a name of, if help shows it.
  Optional<Option> option(String name) {
    return Optional.ofNullable(byName.get(name)).filter(each -> !each.isHidden());
  }

  /// What the arguments are called; empty if there are none.
  String argumentLabel() {
    return argumentLabel;
  }

  private BuildFailure mistake(String message) {
    return Options.usage(message).hint("jbuild " + name + " --help shows what it takes");
  }

  private String[] withBareValues(List<String> words) {
    int last = endOfOptions(words);
    var replaced = new ArrayList<String>();
    for (int i = 0; i < words.size(); i++) {
      var word = words.get(i);
      if (i >= last) {
        replaced.add(word);
      } else if (isSwitchedOff(word)) {
        replaced.removeAll(namesOf(word));
      } else {
        replaced.add(bareValues.getOrDefault(word, switchedOn(word)));
      }
    }
    return replaced.toArray(String[]::new);
  }

  /// Where words begin that are arguments whatever they look like, those of a program to run too.
  private int endOfOptions(List<String> words) {
    int end = words.indexOf("--");
    int last = end < 0 ? words.size() : end;
    if (!isArgumentLast) {
      return last;
    }
    for (int i = 0; i < last; i++) {
      if (!words.get(i).startsWith("-") || words.get(i).equals("-")) {
        return i;
      }
      if (takesNext(words.get(i))) {
        i++;
      }
    }
    return last;
  }

  /// Whether the next word is the value of this one: `--env` and `-e`, and `-ite` of several short
  /// options, but not `--env=A` and `-eA`.
  private boolean takesNext(String word) {
    if (word.startsWith("--")) {
      return takesValue(word);
    }
    for (int i = 1; i < word.length(); i++) {
      if (takesValue("-" + word.charAt(i))) {
        return i == word.length() - 1;
      }
    }
    return false;
  }

  private boolean takesValue(String name) {
    var option = byName.get(name);
    return option != null && option.takesNextWord();
  }

  /// docker's options without a value may be written with one: `--no-cache=true`, `--push=false`.
  private boolean isSwitch(String word, Set<String> states) {
    int equals = word.indexOf('=');
    if (equals < 0) {
      return false;
    }
    var option = switched(word);
    return option != null
        && !option.hasValue()
        && states.contains(word.substring(equals + 1).toLowerCase(Locale.ROOT));
  }

  /// The option of a word like `--push=false`.
  private @Nullable Option switched(String word) {
    return byName.get(word.substring(0, word.indexOf('=')));
  }

  private List<String> namesOf(String word) {
    var option = switched(word);
    return option == null ? List.of() : option.names();
  }

  private boolean isSwitchedOff(String word) {
    return isSwitch(word, Set.of("false", "0", "f"));
  }

  private String switchedOn(String word) {
    return isSwitch(word, Set.of("true", "1", "t")) ? word.substring(0, word.indexOf('=')) : word;
  }

  /// The help text.
  String help() {
    return picocli().help();
  }
}
