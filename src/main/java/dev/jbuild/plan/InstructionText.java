package dev.jbuild.plan;

import dev.jbuild.dockerfile.Command;
import dev.jbuild.dockerfile.Heredoc;
import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.dockerfile.Instruction.Add;
import dev.jbuild.dockerfile.Instruction.Arg;
import dev.jbuild.dockerfile.Instruction.Cmd;
import dev.jbuild.dockerfile.Instruction.Copy;
import dev.jbuild.dockerfile.Instruction.Entrypoint;
import dev.jbuild.dockerfile.Instruction.Env;
import dev.jbuild.dockerfile.Instruction.Expose;
import dev.jbuild.dockerfile.Instruction.From;
import dev.jbuild.dockerfile.Instruction.Healthcheck;
import dev.jbuild.dockerfile.Instruction.Label;
import dev.jbuild.dockerfile.Instruction.Maintainer;
import dev.jbuild.dockerfile.Instruction.OnBuild;
import dev.jbuild.dockerfile.Instruction.Pair;
import dev.jbuild.dockerfile.Instruction.Run;
import dev.jbuild.dockerfile.Instruction.Shell;
import dev.jbuild.dockerfile.Instruction.StopSignal;
import dev.jbuild.dockerfile.Instruction.Transfer;
import dev.jbuild.dockerfile.Instruction.User;
import dev.jbuild.dockerfile.Instruction.Volume;
import dev.jbuild.dockerfile.Instruction.Workdir;
import dev.jbuild.dockerfile.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.StringTokenizer;
import java.util.stream.Collectors;

/// Instructions in one line, for people: as they were written, without continuations, with the
/// first line of a here-document in parentheses.
final class InstructionText {

  private InstructionText() {}

  static String of(Instruction instruction) {
    var words = new ArrayList<String>();
    switch (instruction) {
      case From from -> {
        words.add("FROM");
        words.add(from.image().text());
      }
      case Arg arg -> {
        words.add("ARG");
        arg.declarations().forEach(one -> words.add(one.name() + assignment(one.value())));
      }
      case Env env -> addPairs(words, "ENV", env.pairs());
      case Label label -> addPairs(words, "LABEL", label.pairs());
      case Run run -> addRun(words, run);
      case Copy copy -> addCopy(words, copy);
      case Add add -> {
        words.add("ADD");
        addFlag(words, "checksum", add.checksum());
        add.keepGitDir().ifPresent(keep -> words.add("--keep-git-dir=" + keep));
        add.unpack().ifPresent(unpack -> words.add("--unpack=" + unpack));
        addTransfer(words, add);
      }
      case Workdir(_, var directory) -> words.add("WORKDIR " + directory.text());
      case User(_, var user) -> words.add("USER " + user.text());
      case Volume(_, var paths) -> addWords(words, "VOLUME", paths);
      case Expose(_, var ports) -> addWords(words, "EXPOSE", ports);
      case Cmd(_, var command) -> words.add("CMD " + command(command));
      case Entrypoint(_, var command) -> words.add("ENTRYPOINT " + command(command));
      case Shell(_, var argv) -> words.add("SHELL " + json(argv));
      case StopSignal(_, var signal) -> words.add("STOPSIGNAL " + signal.text());
      case Healthcheck(_, var check) ->
          words.add(
              "HEALTHCHECK " + check.map(one -> "CMD " + command(one.command())).orElse("NONE"));
      case Maintainer(_, var name) -> words.add("MAINTAINER " + name);
      case OnBuild(_, var trigger) -> words.add("ONBUILD " + trigger);
    }
    return oneLine(String.join(" ", words).strip());
  }

  /// `text` with one blank for all white space that stands together.
  private static String oneLine(String text) {
    var line = new StringJoiner(" ");
    var words = new StringTokenizer(text, " \t\n\u000B\f\r");
    while (words.hasMoreTokens()) {
      line.add(words.nextToken());
    }
    return line.toString();
  }

  private static String assignment(Optional<Word> value) {
    return value.map(word -> "=" + word.text()).orElse("");
  }

  private static void addPairs(List<String> words, String keyword, List<Pair> pairs) {
    words.add(keyword);
    pairs.forEach(pair -> words.add(pair.key().text() + "=" + pair.value().text()));
  }

  private static void addWords(List<String> words, String keyword, List<Word> more) {
    words.add(keyword);
    more.forEach(word -> words.add(word.text()));
  }

  private static void addRun(List<String> words, Run run) {
    words.add("RUN");
    for (var mount : run.mounts()) {
      words.add(
          mount.options().stream()
              .map(option -> option.key() + "=" + option.value().text())
              .collect(Collectors.joining(",", "--mount=", "")));
    }
    addFlag(words, "network", run.network());
    addFlag(words, "security", run.security());
    run.devices().forEach(device -> words.add("--device=" + device.written().text()));
    boolean whole = run.command() instanceof Command.Shell(var script) && script.isEmpty();
    if (whole && !run.heredocs().isEmpty()) {
      addHeredoc(words, run.heredocs().getFirst());
      words.add("(" + firstLine(run.heredocs().getFirst().content()) + ")");
    } else {
      var line = command(run.command());
      int end = line.indexOf('\n'); // here-documents follow it
      words.add(run.heredocs().isEmpty() || end < 0 ? line : line.substring(0, end));
    }
  }

  private static void addCopy(List<String> words, Copy copy) {
    words.add("COPY");
    addFlag(words, "from", copy.from());
    if (copy.parents()) {
      words.add("--parents");
    }
    addTransfer(words, copy);
  }

  private static void addTransfer(List<String> words, Transfer transfer) {
    addFlag(words, "chown", transfer.chown());
    addFlag(words, "chmod", transfer.chmod());
    if (transfer.link()) {
      words.add("--link");
    }
    transfer.excludes().forEach(pattern -> words.add("--exclude=" + pattern.text()));
    transfer.sources().forEach(source -> words.add(source.text()));
    transfer.heredocs().forEach(document -> addHeredoc(words, document));
    words.add(transfer.destination().text());
  }

  private static void addFlag(List<String> words, String name, Optional<Word> value) {
    value.ifPresent(word -> words.add("--" + name + "=" + word.text()));
  }

  private static void addHeredoc(List<String> words, Heredoc document) {
    words.add((document.chomp() ? "<<-" : "<<") + document.name());
  }

  private static String firstLine(String content) {
    var lines = content.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    return lines.isEmpty() ? "" : lines.getFirst() + (lines.size() > 1 ? "…" : "");
  }

  private static String command(Command command) {
    return switch (command) {
      case Command.Shell(var script) -> script;
      case Command.Exec(var argv) -> json(argv);
    };
  }

  private static String json(List<String> argv) {
    return argv.stream().map(GoText::quote).collect(Collectors.joining(", ", "[", "]"));
  }
}
