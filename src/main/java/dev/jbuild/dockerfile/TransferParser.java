package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Arguments.Argument;
import dev.jbuild.dockerfile.Instruction.Add;
import dev.jbuild.dockerfile.Instruction.Copy;
import dev.jbuild.failure.BuildFailure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// COPY and ADD.
final class TransferParser {

  private record Operands(List<Word> sources, List<Heredoc> heredocs, Word destination) {}

  private TransferParser() {}

  static Instruction copy(Arguments arguments) {
    var flags = arguments.flags();
    var from = flags.text("from");
    var chown = flags.text("chown");
    var chmod = flags.text("chmod");
    var excludes = flags.texts("exclude");
    boolean link = flags.flag("link").orElse(false);
    boolean parents = flags.flag("parents").orElse(false);
    flags.finish();
    from.ifPresent(word -> refuseVariables(arguments, word));
    var operands = operands(arguments);
    return new Copy(
        arguments.span(),
        operands.sources(),
        operands.heredocs(),
        operands.destination(),
        from,
        chown,
        chmod,
        excludes,
        link,
        parents);
  }

  static Instruction add(Arguments arguments) {
    var flags = arguments.flags();
    var chown = flags.text("chown");
    var chmod = flags.text("chmod");
    var excludes = flags.texts("exclude");
    boolean link = flags.flag("link").orElse(false);
    var checksum = flags.text("checksum");
    var keepGitDir = flags.flag("keep-git-dir");
    var unpack = flags.flag("unpack");
    flags.finish();
    var operands = operands(arguments);
    return new Add(
        arguments.span(),
        operands.sources(),
        operands.heredocs(),
        operands.destination(),
        chown,
        chmod,
        excludes,
        link,
        checksum,
        keepGitDir,
        unpack);
  }

  private static Operands operands(Arguments arguments) {
    var list =
        arguments
            .json()
            .map(words -> words.stream().map(w -> new Argument(w, Optional.empty())).toList())
            .orElseGet(arguments::list);
    if (list.size() < 2) {
      throw arguments
          .failure("needs at least two arguments, a source and a destination")
          .hint("write " + arguments.name() + " source destination");
    }
    var last = list.getLast();
    if (last.heredoc().isPresent()) {
      throw arguments
          .failure("has a here-document as its destination", last.word().span())
          .hint("put the path of the file to write behind it");
    }
    var sources = new ArrayList<Word>();
    var heredocs = new ArrayList<Heredoc>();
    for (var argument : list.subList(0, list.size() - 1)) {
      argument.heredoc().ifPresentOrElse(heredocs::add, () -> sources.add(argument.word()));
    }
    return new Operands(sources, lastOfEachName(heredocs), last.word());
  }

  /// Of several here-documents of one name the last one's body counts for all of them.
  private static List<Heredoc> lastOfEachName(List<Heredoc> heredocs) {
    Map<String, String> bodies = new HashMap<>();
    for (var heredoc : heredocs) {
      bodies.put(heredoc.name(), heredoc.body());
    }
    return heredocs.stream()
        .map(
            h ->
                new Heredoc(
                    h.name(),
                    bodies.getOrDefault(h.name(), h.body()),
                    h.expand(),
                    h.chomp(),
                    h.fileDescriptor(),
                    h.span()))
        .toList();
  }

  private static void refuseVariables(Arguments arguments, Word from) {
    if (from.text().indexOf('$') >= 0 && changes(from, arguments.escape())) {
      throw arguments
          .failure("--from cannot hold variables", from.span())
          .hint("name a stage: FROM image-with-$VARIABLE AS name, then --from=name");
    }
  }

  private static boolean changes(Word word, char escape) {
    try {
      return !Expansion.expand(word, _ -> null, escape).equals(word.text());
    } catch (BuildFailure _) {
      return true; // a malformed variable is one too
    }
  }
}
