package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/// A [Syntax] as picocli has it, which reads every command line, says what is wrong with one, and
/// writes the help text. To make it takes longer than most commands do; so it is made when
/// [PlainWords] are not enough.
final class PicocliSyntax {

  private static final int HELP_WIDTH = 100;

  private final CommandSpec spec = CommandSpec.create();

  PicocliSyntax(String name, String synopsis, String description, String... examples) {
    spec.name(name);
    spec.usageMessage()
        .customSynopsis("jbuild " + name + " " + synopsis)
        .description(escaped(description))
        .width(HELP_WIDTH)
        .sortOptions(false)
        .footerHeading("%nExample:%n")
        .footer(Stream.of(examples).map(PicocliSyntax::escaped).toArray(String[]::new));
    spec.parser()
        .caseInsensitiveEnumValuesAllowed(true)
        .expandAtFiles(false)
        .overwrittenOptionsAllowed(true); // the last one counts, as with docker
  }

  private static String escaped(String description) {
    return description.replace("%", "%%");
  }

  void add(Syntax.Option option) {
    var draft =
        OptionSpec.builder(option.names().toArray(String[]::new))
            .arity(option.hasValue() ? "1" : "0")
            .description(escaped(option.description()))
            .hidden(option.isHidden());
    switch (option.kind()) {
      case FLAG -> draft.type(boolean.class);
      case VALUE -> draft.type(String.class).paramLabel(option.label());
      case VALUES -> draft.type(List.class).auxiliaryTypes(String.class).paramLabel(option.label());
    }
    spec.addOption(draft.build());
  }

  /// Takes arguments, as many as there are.
  void addArguments(String label) {
    spec.addPositional(
        PositionalParamSpec.builder()
            .type(List.class)
            .auxiliaryTypes(String.class)
            .paramLabel(label)
            .hideParamSyntax(true)
            .arity("0..*")
            .build());
  }

  void endOptionsAtArgument() {
    spec.parser().stopAtPositional(true);
  }

  /// @param mistake makes a failure of a sentence that says what is wrong
  Options parse(String[] words, Function<String, BuildFailure> mistake) {
    ParseResult parsed;
    try {
      parsed = new CommandLine(spec).parseArgs(words);
    } catch (CommandLine.ParameterException e) {
      var message = e.getMessage();
      throw mistake.apply(
          message == null ? "the command line is not understood" : Printable.of(message));
    }
    Map<String, List<String>> given = new HashMap<>();
    for (var option : parsed.matchedOptionsSet()) {
      for (var name : option.names()) {
        given.put(name, option.stringValues());
      }
    }
    var arguments = new ArrayList<String>();
    parsed.matchedPositionalsSet().forEach(each -> arguments.addAll(each.stringValues()));
    return new Options(given, arguments);
  }

  String help() {
    return new CommandLine(spec).getUsageMessage(CommandLine.Help.Ansi.OFF);
  }
}
