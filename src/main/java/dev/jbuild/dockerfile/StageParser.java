package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Instruction.From;
import dev.jbuild.dockerfile.Instruction.StageName;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// FROM.
final class StageParser {

  private StageParser() {}

  static Instruction from(Arguments arguments) {
    // `--platform=` is written by generators that know of none
    var platform = arguments.flags().text("platform").filter(word -> !word.text().isEmpty());
    arguments.flags().finish();
    var words = arguments.words();
    return switch (words.size()) {
      case 1 -> new From(arguments.span(), platform, words.getFirst(), Optional.empty());
      case 3 -> named(arguments, platform, words);
      default ->
          throw arguments
              .failure(
                  words.isEmpty()
                      ? "needs an image"
                      : "takes an image, or an image, AS and a stage's name")
              .hint("write FROM image or FROM image AS name");
    };
  }

  private static From named(Arguments arguments, Optional<Word> platform, List<Word> words) {
    var as = words.get(1);
    if (!as.text().equalsIgnoreCase("as")) {
      throw arguments
          .failure("has " + Excerpt.of(as.text()) + " where AS is expected", as.span())
          .hint("write FROM image AS name");
    }
    var written = words.get(2);
    var name = written.text().toLowerCase(Locale.ROOT);
    if (!isName(name)) {
      throw arguments
          .failure(
              "gives its stage a name that it cannot have, " + Excerpt.of(written.text()),
              written.span())
          .hint("use a letter, then letters, digits, '.', '_' and '-'");
    }
    return new From(
        arguments.span(),
        platform,
        words.getFirst(),
        Optional.of(new StageName(name, as, written)));
  }

  private static boolean isName(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = c >= 'a' && c <= 'z';
      boolean other = (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
      if (!letter && (i == 0 || !other)) {
        return false;
      }
    }
    return !name.isEmpty();
  }
}
