package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Heredocs.Document;
import dev.jbuild.dockerfile.Instruction.Cmd;
import dev.jbuild.dockerfile.Instruction.Entrypoint;
import dev.jbuild.dockerfile.Instruction.Run;
import dev.jbuild.dockerfile.Instruction.Shell;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// RUN, CMD, ENTRYPOINT and SHELL: command lines.
final class CommandParser {

  private static final Set<String> NETWORKS = Set.of("default", "none", "host");
  private static final Set<String> SECURITY = Set.of("sandbox", "insecure");

  private CommandParser() {}

  static Instruction run(Arguments arguments) {
    var flags = arguments.flags();
    var mounts =
        flags.all("mount").stream().map(flag -> MountOptions.read(arguments, flag)).toList();
    var network = oneOf(arguments, "network", NETWORKS, "default, none or host");
    var security = oneOf(arguments, "security", SECURITY, "sandbox or insecure");
    var devices =
        flags.texts("device").stream().map(word -> DeviceOption.read(arguments, word)).toList();
    flags.finish();
    var documents = arguments.documents().stream().map(Document::heredoc).toList();
    for (var document : documents) {
      if (document.body().indexOf('\0') >= 0) {
        throw arguments
            .failure("has a NUL character in a here-document", document.span())
            .hint("a shell cannot be given one: write it as \\0 for printf, for example");
      }
    }
    return new Run(
        arguments.span(), command(arguments), documents, mounts, network, security, devices);
  }

  /// A line with here-documents becomes a script that holds them, for the shell to read; but a
  /// here-document that is all there is needs no line.
  private static Command command(Arguments arguments) {
    var documents = arguments.documents();
    if (documents.isEmpty()) {
      return arguments.command(arguments.from());
    }
    var line = arguments.rest().text();
    var first = documents.getFirst();
    if (first.from() == arguments.from() && first.to() - first.from() == line.length()) {
      return new Command.Shell("");
    }
    var script = new StringBuilder(line);
    for (var document : documents) {
      script.append('\n').append(document.heredoc().body()).append(document.heredoc().name());
    }
    return new Command.Shell(script.toString());
  }

  private static Optional<Word> oneOf(
      Arguments arguments, String flag, Set<String> values, String names) {
    var value = arguments.flags().text(flag);
    value.ifPresent(
        word -> {
          if (!values.contains(word.text())) {
            throw arguments
                .failure("--" + flag + " cannot be " + Excerpt.of(word.text()), word.span())
                .hint("it is " + names + "; variables are not replaced here");
          }
        });
    return value;
  }

  static Instruction cmd(Arguments arguments) {
    arguments.flags().finish();
    return new Cmd(arguments.span(), arguments.command(arguments.from()));
  }

  static Instruction entrypoint(Arguments arguments) {
    arguments.flags().finish();
    return new Entrypoint(arguments.span(), arguments.command(arguments.from()));
  }

  static Instruction shell(Arguments arguments) {
    arguments.flags().finish();
    var hint = "write SHELL [\"/bin/bash\", \"-c\"], with double quotes";
    if (arguments.isEmpty()) {
      throw arguments.failure("needs a program").hint(hint);
    }
    List<Word> words =
        arguments.json().orElseThrow(() -> arguments.failure("needs a JSON array").hint(hint));
    if (words.isEmpty()) {
      throw arguments.failure("needs a program").hint(hint);
    }
    return new Shell(arguments.span(), words.stream().map(Word::text).toList());
  }
}
