package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Instruction.Arg;
import dev.jbuild.dockerfile.Instruction.Env;
import dev.jbuild.dockerfile.Instruction.Label;
import dev.jbuild.dockerfile.Instruction.Pair;
import dev.jbuild.failure.Span;
import java.util.List;
import java.util.Optional;

/// ENV, LABEL and ARG: names and values.
final class AssignmentParser {

  private AssignmentParser() {}

  static Instruction env(Arguments arguments) {
    var words = words(arguments);
    boolean oldForm = isOldForm(words);
    return new Env(arguments.span(), pairs(arguments, words, oldForm), oldForm);
  }

  static Instruction label(Arguments arguments) {
    var words = words(arguments);
    boolean oldForm = isOldForm(words);
    return new Label(arguments.span(), pairs(arguments, words, oldForm), oldForm);
  }

  private static List<Word> words(Arguments arguments) {
    arguments.flags().finish();
    var words = arguments.quotedWords();
    if (words.isEmpty()) {
      throw arguments.failure("needs a name and a value").hint(form(arguments));
    }
    return words;
  }

  /// Flags before an ARG's names are ignored, as everywhere.
  static Instruction arg(Arguments arguments) {
    var words = arguments.quotedWords();
    if (words.isEmpty()) {
      throw arguments.failure("needs a name").hint("write ARG NAME or ARG NAME=default");
    }
    return new Arg(
        arguments.span(), words.stream().map(word -> declaration(arguments, word)).toList());
  }

  private static Arg.Declaration declaration(Arguments arguments, Word word) {
    var parts = parts(word);
    requireName(arguments, parts);
    return new Arg.Declaration(parts.name().orElse(word).text(), parts.value(), word.span());
  }

  static boolean isOldForm(List<Word> words) {
    return words.getFirst().text().indexOf('=') < 0;
  }

  private static List<Pair> pairs(Arguments arguments, List<Word> words, boolean oldForm) {
    if (oldForm) {
      return List.of(oldForm(arguments));
    }
    return words.stream().map(word -> pair(arguments, assignment(arguments, word))).toList();
  }

  private static Pair pair(Arguments arguments, Wording.Argument parts) {
    requireName(arguments, parts);
    return new Pair(parts.name().orElseThrow(), parts.value().orElseThrow());
  }

  private static void requireName(Arguments arguments, Wording.Argument parts) {
    if (parts.word().text().startsWith("=")) {
      throw arguments
          .failure("has a value without a name", parts.word().span())
          .hint(form(arguments));
    }
  }

  /// `name=value`; the name may be missing.
  static Wording.Argument assignment(Arguments arguments, Word word) {
    if (word.text().indexOf('=') < 0) {
      throw arguments
          .failure("has " + Excerpt.of(word.text()) + " without =", word.span())
          .hint(form(arguments) + "; a value with blanks needs quotes");
    }
    return parts(word);
  }

  /// `name=value` or `name`.
  static Wording.Argument parts(Word word) {
    int equals = word.text().indexOf('=');
    if (equals < 0) {
      return new Wording.Argument(word, Optional.of(word), Optional.empty());
    }
    var key = new Word(word.text().substring(0, equals), part(word, 0, equals));
    int end = word.text().length();
    var value = new Word(word.text().substring(equals + 1), part(word, equals + 1, end));
    return new Wording.Argument(word, Optional.of(key), Optional.of(value));
  }

  /// `ENV name value`: everything behind the first word is the value, blanks included.
  static Pair oldForm(Arguments arguments) {
    var rest = arguments.rest();
    int end = 0;
    while (end < rest.text().length() && !Blank.separates(rest.text().charAt(end))) {
      end++;
    }
    int from = arguments.from();
    int to = from + rest.text().length();
    int value = from + end;
    while (value < to && Blank.separates(arguments.line().text().charAt(value))) {
      value++;
    }
    if (value == to) {
      throw arguments.failure("needs a value for " + Excerpt.of(rest.text())).hint(form(arguments));
    }
    return new Pair(arguments.line().word(from, from + end), arguments.line().word(value, to));
  }

  private static Span part(Word word, int from, int to) {
    return Located.of(word).part(from, to);
  }

  private static String form(Arguments arguments) {
    return "write " + arguments.name() + " name=value";
  }
}
