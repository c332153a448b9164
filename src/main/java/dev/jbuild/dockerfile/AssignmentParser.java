package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Instruction.Arg;
import dev.jbuild.dockerfile.Instruction.Env;
import dev.jbuild.dockerfile.Instruction.Label;
import dev.jbuild.dockerfile.Instruction.Pair;
import dev.jbuild.failure.Span;
import java.util.ArrayList;
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
    int equals = word.text().indexOf('=');
    if (equals < 0) {
      return new Arg.Declaration(word.text(), Optional.empty(), word.span());
    }
    var pair = split(arguments, word, equals);
    return new Arg.Declaration(pair.key().text(), Optional.of(pair.value()), word.span());
  }

  private static boolean isOldForm(List<Word> words) {
    return words.getFirst().text().indexOf('=') < 0;
  }

  private static List<Pair> pairs(Arguments arguments, List<Word> words, boolean oldForm) {
    if (oldForm) {
      return List.of(oldForm(arguments));
    }
    var pairs = new ArrayList<Pair>();
    for (var word : words) {
      int equals = word.text().indexOf('=');
      if (equals < 0) {
        throw arguments
            .failure("has " + Excerpt.of(word.text()) + " without =", word.span())
            .hint(form(arguments) + "; a value with blanks needs quotes");
      }
      pairs.add(split(arguments, word, equals));
    }
    return pairs;
  }

  /// `ENV name value`: everything behind the first word is the value, blanks included.
  private static Pair oldForm(Arguments arguments) {
    var rest = arguments.rest();
    int end = 0;
    while (end < rest.text().length() && !Blank.separates(rest.text().charAt(end))) {
      end++;
    }
    int from = arguments.from();
    int to = from + rest.text().length();
    int value = arguments.line().skipBlanks(from + end, to);
    if (value == to) {
      throw arguments.failure("needs a value for " + Excerpt.of(rest.text())).hint(form(arguments));
    }
    return new Pair(arguments.line().word(from, from + end), arguments.line().word(value, to));
  }

  private static Pair split(Arguments arguments, Word word, int equals) {
    if (equals == 0) {
      throw arguments.failure("has a value without a name", word.span()).hint(form(arguments));
    }
    var key = word.text().substring(0, equals);
    var value = word.text().substring(equals + 1);
    return new Pair(
        new Word(key, part(word, 0, equals)), new Word(value, behind(word, equals + 1)));
  }

  private static Span part(Word word, int from, int to) {
    return Located.of(word).part(from, to);
  }

  private static Span behind(Word word, int from) {
    return part(word, from, word.text().length());
  }

  private static String form(Arguments arguments) {
    return "write " + arguments.name() + " name=value";
  }
}
