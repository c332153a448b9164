package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Wording.Argument;
import dev.jbuild.dockerfile.Wording.Document;
import dev.jbuild.dockerfile.Wording.Flag;
import dev.jbuild.dockerfile.Wording.Form;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Span;
import java.util.List;
import java.util.Optional;

/// Makes the [Wording] of an instruction. It refuses what cannot be cut into words at all; of an
/// instruction that was parsed before nothing.
final class WordingReader {

  /// The arguments as they fall apart.
  private record Split(Form form, List<Argument> arguments) {}

  private static final Split NOTHING = new Split(Form.WORDS, List.of());

  private WordingReader() {}

  /// The instruction that begins on line `first`.
  static Wording read(Source source, int first, char escape) {
    var line = LogicalLine.read(source, first, escape);
    var head = Arguments.read(line, line.skipBlanks(0, line.text().length()), escape);
    boolean documents =
        Keyword.of(head.keyword().text()).map(known -> known.mayHaveHeredocs(head)).orElse(false);
    if (!documents) {
      return wording(head);
    }
    var heredocs = Heredocs.read(line, head.name());
    return wording(head.with(heredocs.documents(), heredocs.lastLine()));
  }

  /// @throws dev.jbuild.failure.BuildFailure for a JSON array with something else than strings, and
  ///     for pairs without `=`
  static Wording wording(Arguments arguments) {
    var keyword = Keyword.of(arguments.keyword().text());
    var subcommand = keyword.flatMap(known -> subcommand(known, arguments));
    var trigger =
        keyword
            .filter(known -> known.shape() == Keyword.Shape.TRIGGER)
            .flatMap(_ -> OnBuildParser.trigger(arguments))
            .map(inner -> inner.with(arguments.documents(), arguments.span().endLine()))
            .map(WordingReader::wording);
    var split =
        keyword
            .map(known -> split(known, arguments, subcommand))
            .orElseGet(() -> text(Form.TEXT, arguments, arguments.from()));
    return new Wording(
        arguments.keyword(),
        arguments.flags().all().stream()
            .map(flag -> new Flag(flag.name(), flag.value(), flag.span()))
            .toList(),
        subcommand,
        split.form(),
        split.arguments(),
        trigger.isPresent()
            ? List.of()
            : arguments.documents().stream().map(WordingReader::document).toList(),
        trigger);
  }

  private static Optional<Word> subcommand(Keyword keyword, Arguments arguments) {
    return keyword.shape() == Keyword.Shape.CHECK && !arguments.isEmpty()
        ? Optional.of(HealthcheckParser.type(arguments))
        : Optional.empty();
  }

  private static Split split(Keyword keyword, Arguments arguments, Optional<Word> subcommand) {
    return switch (keyword.shape()) {
      case WORDS -> words(arguments);
      case LIST -> json(Form.JSON, arguments, arguments.from()).orElseGet(() -> words(arguments));
      case PAIRS -> pairs(keyword, arguments);
      case TEXT -> text(Form.TEXT, arguments, arguments.from());
      case COMMAND -> command(arguments, arguments.from());
      case CHECK ->
          subcommand.isEmpty() || subcommand.get().text().equalsIgnoreCase("NONE")
              ? NOTHING
              : command(arguments, HealthcheckParser.commandFrom(arguments));
      case TRIGGER -> new Split(Form.TRIGGER, List.of());
    };
  }

  private static Split words(Arguments arguments) {
    return new Split(Form.WORDS, arguments.words().stream().map(Argument::of).toList());
  }

  private static Split command(Arguments arguments, int from) {
    return json(Form.EXEC, arguments, from).orElseGet(() -> text(Form.SHELL, arguments, from));
  }

  private static Optional<Split> json(Form form, Arguments arguments, int from) {
    return arguments
        .json(from)
        .map(elements -> new Split(form, elements.stream().map(Argument::of).toList()));
  }

  private static Split text(Form form, Arguments arguments, int from) {
    var word = arguments.rest(from);
    return new Split(form, word.text().isEmpty() ? List.of() : List.of(Argument.of(word)));
  }

  private static Split pairs(Keyword keyword, Arguments arguments) {
    var words = arguments.assignments();
    if (words.isEmpty() || keyword == Keyword.ARG) {
      return new Split(Form.PAIRS, words);
    }
    if (AssignmentParser.isOldForm(words)) {
      var pair = AssignmentParser.oldForm(arguments);
      return new Split(
          Form.LEGACY,
          List.of(
              new Argument(arguments.rest(), Optional.of(pair.key()), Optional.of(pair.value()))));
    }
    words.forEach(word -> AssignmentParser.requireValue(arguments, word));
    return new Split(Form.PAIRS, words);
  }

  private static Document document(Heredocs.Document document) {
    var span = document.heredoc().span();
    var source = span.source();
    int last = document.lastLine();
    return new Document(
        document.heredoc(),
        new Span(source, document.firstLine(), 1, last, 1),
        source.span(last, 1, source.line(last).length() + 1));
  }
}
