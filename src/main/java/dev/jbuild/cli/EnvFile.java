package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;

/// A file of `--env-file`, as docker reads it: a line `NAME=VALUE`, whose value is taken as it is,
/// quotes included; `NAME` alone takes the value that jbuild has, if any; blanks before a name,
/// empty lines and lines that begin with `#` count for nothing.
final class EnvFile {

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final String name;
  private final Map<String, String> environment;
  private final Map<String, String> values;

  private EnvFile(String name, Map<String, String> environment, Map<String, String> values) {
    this.name = name;
    this.environment = environment;
    this.values = values;
  }

  /// Adds what the file `name` says to `values`.
  ///
  /// @param environment of jbuild
  static void read(String name, Map<String, String> environment, Map<String, String> values) {
    var text = text(name);
    if (text.startsWith(BYTE_ORDER_MARK)) {
      text = text.substring(1);
    }
    var file = new EnvFile(name, environment, values);
    int number = 0;
    for (var line : text.split("\n", -1)) {
      file.add(++number, line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
    }
  }

  private static String text(String name) {
    try {
      var bytes = Files.readAllBytes(Path.of(name));
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw wrong(name, "is not UTF-8 text");
    } catch (IOException | InvalidPathException e) {
      throw wrong(name, "cannot be read");
    }
  }

  private static BuildFailure wrong(String name, String why) {
    return Options.usage("--env-file: " + Printable.of(name) + " " + why);
  }

  private void add(int number, String line) {
    var text = line.stripLeading();
    if (text.isEmpty() || text.startsWith("#")) {
      return;
    }
    int equals = text.indexOf('=');
    var variable = equals < 0 ? text : text.substring(0, equals);
    if (variable.isEmpty() || variable.chars().anyMatch(Character::isWhitespace)) {
      // The line may hold a secret: it is not shown.
      throw wrong(name + ":" + number, "has no variable name").hint("write it as NAME=VALUE");
    }
    if (equals >= 0) {
      values.put(variable, text.substring(equals + 1));
    } else if (environment.containsKey(variable)) {
      values.put(variable, environment.getOrDefault(variable, ""));
    }
  }
}
