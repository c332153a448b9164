package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Instruction.Arg;
import dev.jbuild.dockerfile.Instruction.Env;
import dev.jbuild.dockerfile.Instruction.Label;
import dev.jbuild.dockerfile.Instruction.Pair;
import java.util.List;

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

  private static List<Wording.Argument> words(Arguments arguments) {
    arguments.flags().finish();
    var words = arguments.assignments();
    if (words.isEmpty()) {
      throw arguments.failure("needs a name and a value").hint(form(arguments));
    }
    return words;
  }

  /// Flags before an ARG's names are ignored, as everywhere.
  static Instruction arg(Arguments arguments) {
    var words = arguments.assignments();
    if (words.isEmpty()) {
      throw arguments.failure("needs a name").hint("write ARG NAME or ARG NAME=default");
    }
    return new Arg(
        arguments.span(), words.stream().map(word -> declaration(arguments, word)).toList());
  }

  private static Arg.Declaration declaration(Arguments arguments, Wording.Argument parts) {
    requireName(arguments, parts);
    return new Arg.Declaration(
        parts.name().orElseThrow().text(), parts.value(), parts.word().span());
  }

  static boolean isOldForm(List<Wording.Argument> words) {
    return words.getFirst().value().isEmpty();
  }

  private static List<Pair> pairs(
      Arguments arguments, List<Wording.Argument> words, boolean oldForm) {
    if (oldForm) {
      return List.of(oldForm(arguments));
    }
    return words.stream().map(word -> pair(arguments, word)).toList();
  }

  private static Pair pair(Arguments arguments, Wording.Argument parts) {
    requireValue(arguments, parts);
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

  /// Refuses a word without `=`.
  static void requireValue(Arguments arguments, Wording.Argument parts) {
    if (parts.value().isEmpty()) {
      throw arguments
          .failure("has " + Excerpt.of(parts.word().text()) + " without =", parts.word().span())
          .hint(form(arguments) + "; a value with blanks needs quotes");
    }
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

  private static String form(Arguments arguments) {
    return "write " + arguments.name() + " name=value";
  }
}
