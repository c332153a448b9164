package dev.jbuild.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Command lines in which every word is what it seems, as nearly all are: an option by its full
/// name, its value behind it or behind `=`, an argument.
final class PlainWords {

  private final Map<String, Syntax.Option> known;
  private final Map<String, List<String>> given = new HashMap<>();
  private final List<String> arguments = new ArrayList<>();

  private PlainWords(Map<String, Syntax.Option> known) {
    this.known = known;
  }

  /// What the words mean; nothing if any of them is unusual, or wrong.
  ///
  /// @param known options by each of their names
  /// @param isArgumentLast whether all that follows an argument is one too
  static Optional<Options> read(
      String[] words, Map<String, Syntax.Option> known, boolean isArgumentLast) {
    var plain = new PlainWords(known);
    return plain.read(words, isArgumentLast)
        ? Optional.of(new Options(plain.given, plain.arguments))
        : Optional.empty();
  }

  private boolean read(String[] words, boolean isArgumentLast) {
    for (int i = 0; i < words.length; i++) {
      var word = words[i];
      if (isArgument(word)) {
        arguments.add(word);
        if (isArgumentLast) {
          var rest = List.of(words).subList(i + 1, words.length);
          arguments.addAll(rest);
          return !rest.contains("--");
        }
        continue;
      }
      int equals = word.startsWith("--") ? word.indexOf('=') : -1;
      var option = known.get(equals < 0 ? word : word.substring(0, equals));
      if (option == null) {
        return false;
      }
      if (!option.hasValue()) {
        if (equals >= 0) {
          return false;
        }
        give(option, "true");
      } else if (equals >= 0 && equals + 1 < word.length()) {
        give(option, word.substring(equals + 1));
      } else if (equals < 0 && i + 1 < words.length && isArgument(words[i + 1])) {
        i++;
        give(option, words[i]);
      } else {
        return false;
      }
    }
    return true;
  }

  private static boolean isArgument(String word) {
    return !word.isEmpty() && word.charAt(0) != '-';
  }

  private void give(Syntax.Option option, String value) {
    var values = given.computeIfAbsent(option.names().getFirst(), _ -> new ArrayList<>());
    values.add(value);
    option.names().forEach(name -> given.put(name, values));
  }
}
