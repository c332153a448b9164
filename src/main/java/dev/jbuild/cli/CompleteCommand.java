package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `jbuild __complete`, which the scripts of [CompletionCommand] ask. It answers in lines: first
/// `files` or `none`, then a word each, a tab, and what it means.
final class CompleteCommand implements Command {

  static final String NAME = "__complete";

  @Override
  public Syntax syntax() {
    return new Syntax(NAME, "WORD…", "What may stand in the place of the last word.")
        .optionsEndAtArgument()
        .arguments("WORD", "0..*");
  }

  @Override
  public int run(Options options, Session session) {
    var words = options.arguments();
    if (words.isEmpty()) {
      return 0;
    }
    var answer = new Completion(() -> names(session)).of(words);
    session.console().result(answer.files() ? "files" : "none");
    for (var candidate : answer.candidates()) {
      var sentence = candidate.description().split("[.:;]( |$)", 2)[0];
      session.console().result(candidate.word() + "\t" + sentence);
    }
    return 0;
  }

  /// Whatever is wrong with the store is told where it matters, not on a Tab.
  private static List<String> names(Session session) {
    var names = new ArrayList<String>();
    try (var store = session.openExistingStore().orElse(null)) {
      if (store != null) {
        for (var entry : store.references().all()) {
          ImageName.of(entry.name()).familiar().ifPresent(names::add);
        }
      }
    } catch (IOException | BuildFailure e) {
      names.clear();
    }
    return names;
  }
}
