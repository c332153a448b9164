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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// The options and arguments of one command, described in code: annotations would cost a scan of
/// every command's class at each start.
final class Syntax {

  private static final int HELP_WIDTH = 100;

  private final CommandSpec spec = CommandSpec.create();
  private final Map<String, String> bareValues = new HashMap<>();
  private int fewest;
  private int most;

  /// @param name as typed after `jbuild`
  /// @param synopsis what follows it in the usage line
  Syntax(String name, String synopsis, String description, String... examples) {
    spec.name(name);
    spec.usageMessage()
        .customSynopsis("jbuild " + name + " " + synopsis)
        .description(escaped(description))
        .width(HELP_WIDTH)
        .sortOptions(false)
        .footerHeading("%nExample:%n")
        .footer(Stream.of(examples).map(Syntax::escaped).toArray(String[]::new));
    spec.parser()
        .caseInsensitiveEnumValuesAllowed(true)
        .expandAtFiles(false)
        .overwrittenOptionsAllowed(true); // the last one counts, as with docker
    flag("Show this help.", "-h", "--help");
    value("DIR", "Keep everything in DIR instead of the default store.", "--root");
    flag("Show the cause of a failure with its stack trace.", "--debug");
  }

  /// `-h` is not for help, as elsewhere, but for what is added next under this name.
  Syntax withoutShortHelp() {
    spec.remove(spec.findOption("-h"));
    return flag("Show this help.", "--help");
  }

  /// Whether the words are nothing but a cry for help.
  boolean isHelp(List<String> words) {
    if (words.isEmpty()) {
      return false;
    }
    var option = spec.findOption("-h");
    boolean isShort = words.size() == 1 || (option != null && option.type() == boolean.class);
    return words.getFirst().equals("--help") || (words.getFirst().equals("-h") && isShort);
  }

  /// An option without a value; `=true` and `=false` may follow it. Of several the last counts.
  Syntax flag(String description, String... names) {
    spec.addOption(
        OptionSpec.builder(names)
            .type(boolean.class)
            .arity("0")
            .description(escaped(description))
            .build());
    return this;
  }

  /// An option with a value; of several the last counts.
  Syntax value(String label, String description, String... names) {
    spec.addOption(
        OptionSpec.builder(names)
            .type(String.class)
            .paramLabel(label)
            .arity("1")
            .description(escaped(description))
            .build());
    return this;
  }

  /// An option with a value that may be given again and again.
  Syntax values(String label, String description, String... names) {
    spec.addOption(
        OptionSpec.builder(names)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .paramLabel(label)
            .arity("1")
            .description(escaped(description))
            .build());
    return this;
  }

  /// An option whose value may be left out. It takes one with `=` only, never the next word.
  ///
  /// @param bare the value that the option alone stands for
  Syntax optional(String label, String bare, String description, String... names) {
    for (var name : names) {
      bareValues.put(name, name + "=" + bare);
    }
    return value(label, description, names);
  }

  /// An option that help does not show.
  Syntax hidden(String name, boolean hasValue) {
    spec.addOption(
        OptionSpec.builder(name)
            .type(hasValue ? List.class : boolean.class)
            .auxiliaryTypes(hasValue ? String.class : boolean.class)
            .arity(hasValue ? "1" : "0")
            .hidden(true)
            .build());
    return this;
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
    var bounds = arity.split("\\.\\.", -1);
    fewest = Integer.parseInt(bounds[0]);
    var last = bounds[bounds.length - 1];
    most = last.equals("*") ? Integer.MAX_VALUE : Integer.parseInt(last);
    spec.addPositional(
        PositionalParamSpec.builder()
            .type(List.class)
            .auxiliaryTypes(String.class)
            .paramLabel(label)
            .hideParamSyntax(true)
            .arity("0..*")
            .build());
    return this;
  }

  /// Everything from the first argument on is an argument, as in `run IMAGE ls -l`.
  Syntax optionsEndAtArgument() {
    spec.parser().stopAtPositional(true);
    return this;
  }

  private static String escaped(String description) {
    return description.replace("%", "%%");
  }

  /// Reads the words of a command line.
  ///
  /// @throws BuildFailure of kind USAGE that says what is wrong
  Options parse(List<String> words) {
    var parser = new CommandLine(spec);
    Options options;
    try {
      options = new Options(parser.parseArgs(withBareValues(words)));
    } catch (CommandLine.ParameterException e) {
      throw mistake(Printable.of(sentence(e)));
    }
    checkArguments(options);
    return options;
  }

  /// picocli counts those between two options, not all of them.
  private void checkArguments(Options options) {
    var arguments = options.arguments();
    if (options.has("--help")) {
      return;
    }
    if (arguments.size() < fewest) {
      throw mistake(spec.name() + " needs " + spec.positionalParameters().getFirst().paramLabel());
    }
    if (arguments.size() > most) {
      throw mistake(spec.name() + " does not take \"" + Printable.of(arguments.get(most)) + "\"");
    }
  }

  /// An option as a person sees it.
  ///
  /// @param label of its value, empty if it has none
  /// @param takesNextWord whether the word behind it is its value
  record Option(List<String> names, String label, String description, boolean takesNextWord) {
    boolean hasValue() {
      return !label.isEmpty();
    }
  }

  /// Those that help shows.
  List<Option> options() {
    return spec.options().stream().filter(each -> !each.hidden()).map(this::option).toList();
  }

  /// The option that `name` is a name of, if help shows it.
  Optional<Option> option(String name) {
    return Optional.ofNullable(spec.optionsMap().get(name))
        .filter(each -> !each.hidden())
        .map(this::option);
  }

  private Option option(OptionSpec option) {
    boolean hasValue = option.type() != boolean.class;
    var description = String.join(" ", option.description()).replace("%%", "%");
    boolean isOptional = bareValues.containsKey(option.names()[0]);
    return new Option(
        List.of(option.names()),
        hasValue ? option.paramLabel() : "",
        description,
        hasValue && !isOptional);
  }

  /// What the arguments are called; empty if there are none.
  String argumentLabel() {
    return spec.positionalParameters().isEmpty()
        ? ""
        : spec.positionalParameters().getFirst().paramLabel();
  }

  private BuildFailure mistake(String message) {
    return Options.usage(message).hint("jbuild " + spec.name() + " --help shows what it takes");
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
    if (!spec.parser().stopAtPositional()) {
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
    var option = spec.optionsMap().get(name);
    return option != null && option.type() != boolean.class && !bareValues.containsKey(name);
  }

  /// docker's options without a value may be written with one: `--no-cache=true`, `--push=false`.
  private boolean isSwitch(String word, Set<String> states) {
    int equals = word.indexOf('=');
    if (equals < 0) {
      return false;
    }
    var option = switched(word);
    return option != null
        && option.type() == boolean.class
        && states.contains(word.substring(equals + 1).toLowerCase(Locale.ROOT));
  }

  /// The option of a word like `--push=false`.
  private @Nullable OptionSpec switched(String word) {
    return spec.optionsMap().get(word.substring(0, word.indexOf('=')));
  }

  private List<String> namesOf(String word) {
    var option = switched(word);
    return option == null ? List.of() : List.of(option.names());
  }

  private boolean isSwitchedOff(String word) {
    return isSwitch(word, Set.of("false", "0", "f"));
  }

  private String switchedOn(String word) {
    return isSwitch(word, Set.of("true", "1", "t")) ? word.substring(0, word.indexOf('=')) : word;
  }

  private static String sentence(CommandLine.ParameterException e) {
    var message = e.getMessage();
    return message == null ? "the command line is not understood" : message;
  }

  /// The help text.
  String help() {
    return new CommandLine(spec).getUsageMessage(CommandLine.Help.Ansi.OFF);
  }
}
