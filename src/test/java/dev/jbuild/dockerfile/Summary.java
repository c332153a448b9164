package dev.jbuild.dockerfile;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Instructions on one line, for comparing: words in brackets, line ends as `\n`.
final class Summary {

  private Summary() {}

  static String of(Instruction instruction) {
    var text =
        switch (instruction) {
          case Instruction.From f ->
              "FROM"
                  + flag("platform", f.platform())
                  + word(f.image())
                  + f.name().map(n -> " AS " + n.text()).orElse("");
          case Instruction.Arg a ->
              "ARG"
                  + a.declarations().stream()
                      .map(d -> " " + d.name() + d.value().map(v -> "=" + v.text()).orElse(""))
                      .collect(Collectors.joining(";"));
          case Instruction.Env e -> "ENV" + pairs(e.pairs(), e.oldForm());
          case Instruction.Label l -> "LABEL" + pairs(l.pairs(), l.oldForm());
          case Instruction.Run r -> run(r);
          case Instruction.Copy c ->
              "COPY"
                  + flag("from", c.from())
                  + transfer(c)
                  + (c.parents() ? " --parents" : "")
                  + operands(c);
          case Instruction.Add a ->
              "ADD"
                  + flag("checksum", a.checksum())
                  + a.keepGitDir().map(k -> " --keep-git-dir=" + k).orElse("")
                  + a.unpack().map(u -> " --unpack=" + u).orElse("")
                  + transfer(a)
                  + operands(a);
          case Instruction.Workdir w -> "WORKDIR" + word(w.directory());
          case Instruction.User u -> "USER" + word(u.user());
          case Instruction.Volume v -> "VOLUME" + words(v.paths());
          case Instruction.Expose e -> "EXPOSE" + words(e.ports());
          case Instruction.Cmd c -> "CMD" + command(c.command());
          case Instruction.Entrypoint e -> "ENTRYPOINT" + command(e.command());
          case Instruction.Shell s -> "SHELL " + s.argv();
          case Instruction.StopSignal s -> "STOPSIGNAL" + word(s.signal());
          case Instruction.Healthcheck h -> "HEALTHCHECK" + check(h);
          case Instruction.Maintainer m -> "MAINTAINER [" + m.name() + "]";
          case Instruction.OnBuild o -> "ONBUILD [" + o.trigger() + "]";
        };
    return text.replace("\r", "\\r").replace("\n", "\\n");
  }

  private static String run(Instruction.Run run) {
    var mounts =
        run.mounts().stream()
            .map(
                mount ->
                    " --mount="
                        + mount.options().stream()
                            .map(option -> option.key() + "=" + option.value().text())
                            .collect(Collectors.joining(",")))
            .collect(Collectors.joining());
    return "RUN"
        + mounts
        + flag("network", run.network())
        + flag("security", run.security())
        + run.devices().stream()
            .map(d -> " --device=" + d.written().text())
            .collect(Collectors.joining())
        + command(run.command())
        + documents(run.heredocs());
  }

  private static String check(Instruction.Healthcheck healthcheck) {
    return healthcheck
        .check()
        .map(
            check -> {
              var options = new StringBuilder();
              options.append(check.interval().isZero() ? "" : " interval=" + check.interval());
              options.append(check.timeout().isZero() ? "" : " timeout=" + check.timeout());
              options.append(
                  check.startPeriod().isZero() ? "" : " start-period=" + check.startPeriod());
              options.append(
                  check.startInterval().isZero() ? "" : " start-interval=" + check.startInterval());
              options.append(check.retries() == 0 ? "" : " retries=" + check.retries());
              return options + command(check.command());
            })
        .orElse(" NONE");
  }

  private static String transfer(Instruction.Transfer transfer) {
    return flag("chown", transfer.chown())
        + flag("chmod", transfer.chmod())
        + transfer.excludes().stream()
            .map(e -> " --exclude=" + e.text())
            .collect(Collectors.joining())
        + (transfer.link() ? " --link" : "");
  }

  private static String operands(Instruction.Transfer transfer) {
    return words(transfer.sources())
        + documents(transfer.heredocs())
        + " ->"
        + word(transfer.destination());
  }

  private static String command(Command command) {
    return switch (command) {
      case Command.Shell(var script) -> " sh{" + script + "}";
      case Command.Exec(var argv) -> " exec" + argv;
    };
  }

  private static String documents(List<Heredoc> documents) {
    return documents.stream()
        .map(
            d ->
                " <<"
                    + (d.chomp() ? "-" : "")
                    + d.name()
                    + (d.expand() ? "" : "(quoted)")
                    + (d.fileDescriptor() < 0 ? "" : "(" + d.fileDescriptor() + ")")
                    + "{"
                    + d.body()
                    + "}")
        .collect(Collectors.joining());
  }

  private static String flag(String name, Optional<Word> value) {
    return value.map(word -> " --" + name + "=" + word.text()).orElse("");
  }

  private static String pairs(List<Instruction.Pair> pairs, boolean oldForm) {
    return (oldForm ? " (old)" : "")
        + pairs.stream()
            .map(pair -> " " + pair.key().text() + "=" + pair.value().text())
            .collect(Collectors.joining(";"));
  }

  private static String words(List<Word> words) {
    return words.stream().map(Summary::word).collect(Collectors.joining());
  }

  private static String word(Word word) {
    return " [" + word.text() + "]";
  }
}
