package dev.jbuild.cli;

import dev.jbuild.build.Secrets;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/// `--secret id=ID[,src=FILE|env=VARIABLE][,type=file|env]`: where a secret's value is.
///
/// Without src and env it is the variable called like the id, else the file of that name. What was
/// typed is never shown as a whole: it may be the secret itself.
final class SecretOption {

  private static final String OPTION = "--secret";
  private static final String FORM = "write it as --secret id=NAME,src=FILE or id=NAME,env=NAME";

  private final Map<String, String> environment;
  private final Consumer<String> warnings;

  private SecretOption(Map<String, String> environment, Consumer<String> warnings) {
    this.environment = environment;
    this.warnings = warnings;
  }

  /// Reads the values that `given` name; of several with one id the last.
  ///
  /// @throws BuildFailure of kind USAGE if one cannot be read or understood
  static Secrets read(
      List<String> given, Map<String, String> environment, Consumer<String> warnings) {
    var option = new SecretOption(environment, warnings);
    var values = new HashMap<String, byte[]>();
    for (var each : given) {
      var fields = fields(each);
      var id = fields.getOrDefault("id", "");
      if (id.isEmpty()) {
        throw Options.usage(OPTION + " needs an id").hint(FORM);
      }
      values.put(id, option.value(id, fields));
    }
    return new Secrets(values);
  }

  private static Map<String, String> fields(String text) {
    var fields = new HashMap<String, String>();
    for (var field : Csv.fields(text)) {
      int equals = field.indexOf('=');
      if (equals < 0) {
        throw Options.usage(OPTION + " takes keys with values").hint(FORM);
      }
      var key = field.substring(0, equals).toLowerCase(Locale.ROOT);
      switch (key) {
        case "id", "type", "env" -> fields.put(key, field.substring(equals + 1));
        case "src", "source" -> fields.put("src", field.substring(equals + 1));
        default ->
            throw Options.usage(OPTION + " does not know the key " + Printable.of(key)).hint(FORM);
      }
    }
    return fields;
  }

  private byte[] value(String id, Map<String, String> fields) {
    var type = fields.getOrDefault("type", "");
    var file = fields.getOrDefault("src", "");
    var variable = fields.getOrDefault("env", "");
    if (!List.of("", "file", "env").contains(type)) {
      throw failure(id, "there is no type " + Printable.of(type)).hint("it is file or env");
    }
    if (!file.isEmpty() && !variable.isEmpty()) {
      throw failure(id, "it has a file and a variable").hint("keep one of them");
    }
    if (type.equals("env")) {
      return variable(id, !variable.isEmpty() ? variable : file.isEmpty() ? id : file);
    }
    if (!variable.isEmpty()) {
      if (type.equals("file")) {
        throw failure(id, "type=file goes with src, not with env").hint(FORM);
      }
      return variable(id, variable);
    }
    if (!file.isEmpty()) {
      return file(id, file);
    }
    if (type.isEmpty() && environment.containsKey(id)) {
      return variable(id, id);
    }
    if (!Files.exists(path(id, id))) {
      throw failure(id, "there is neither a variable nor a file of this name").hint(FORM);
    }
    return file(id, id);
  }

  /// A variable that is not set is an empty secret, as with other builders, and worth a word.
  private byte[] variable(String id, String name) {
    var value = environment.get(name);
    if (value == null) {
      warnings.accept(
          "the secret %s is empty: the variable %s is not set"
              .formatted(Printable.of(id), Printable.of(name)));
      return new byte[0];
    }
    if (value.indexOf('\uFFFD') >= 0) {
      throw failure(id, "the variable " + Printable.of(name) + " is not UTF-8")
          .hint("give it as a file, which may hold any bytes");
    }
    return checked(id, value.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] file(String id, String name) {
    var path = path(id, name);
    if (!Files.exists(path)) {
      throw failure(id, "there is no file " + Printable.of(name));
    }
    if (Files.isDirectory(path)) {
      throw failure(id, Printable.of(name) + " is a directory");
    }
    try (var in = Files.newInputStream(path)) {
      return checked(id, in.readNBytes(Secrets.LARGEST + 1));
    } catch (IOException e) {
      throw failure(id, "the file " + Printable.of(name) + " cannot be read");
    }
  }

  private static Path path(String id, String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw failure(id, Printable.of(name) + " is no file's name");
    }
  }

  private static byte[] checked(String id, byte[] value) {
    if (value.length > Secrets.LARGEST) {
      throw failure(id, "it is larger than " + Secrets.LARGEST / 1024 + " KiB");
    }
    return value;
  }

  private static BuildFailure failure(String id, String why) {
    return Options.usage(OPTION + " id=" + Printable.of(id) + ": " + why);
  }
}
