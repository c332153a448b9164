package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Instruction.Expose;
import dev.jbuild.dockerfile.Instruction.Maintainer;
import dev.jbuild.dockerfile.Instruction.StopSignal;
import dev.jbuild.dockerfile.Instruction.User;
import dev.jbuild.dockerfile.Instruction.Volume;
import dev.jbuild.dockerfile.Instruction.Workdir;

/// The instructions that are a word or a list of words.
final class SettingParser {

  private SettingParser() {}

  static Instruction workdir(Arguments arguments) {
    arguments.flags().finish();
    return new Workdir(arguments.span(), arguments.one("a directory", "/path"));
  }

  static Instruction user(Arguments arguments) {
    arguments.flags().finish();
    return new User(arguments.span(), arguments.one("a user", "name, or a number"));
  }

  /// Flags before the signal are ignored, as everywhere.
  static Instruction stopSignal(Arguments arguments) {
    return new StopSignal(arguments.span(), arguments.one("a signal", "SIGTERM, for example"));
  }

  static Instruction maintainer(Arguments arguments) {
    arguments.flags().finish();
    return new Maintainer(arguments.span(), arguments.one("a name", "name").text());
  }

  static Instruction expose(Arguments arguments) {
    arguments.flags().finish();
    var ports = arguments.words();
    if (ports.isEmpty()) {
      throw arguments.failure("needs a port").hint("write EXPOSE 8080 or EXPOSE 53/udp");
    }
    return new Expose(arguments.span(), ports);
  }

  static Instruction volume(Arguments arguments) {
    arguments.flags().finish();
    var paths =
        arguments.json().orElseGet(arguments::words).stream()
            .map(path -> new Word(path.text().strip(), path.span()))
            .toList();
    if (paths.isEmpty()) {
      throw arguments.failure("needs a path").hint("write VOLUME /data");
    }
    for (var path : paths) {
      if (path.text().isEmpty()) {
        throw arguments.failure("has an empty path", path.span()).hint("name a directory");
      }
    }
    return new Volume(arguments.span(), paths);
  }
}
