package dev.jbuild.cli;

import dev.jbuild.sandbox.SandboxKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// What may stand where a person presses Tab, found out from the syntax of the commands themselves.
final class Completion {

  private static final List<String> SHELLS = List.of("bash", "zsh", "fish");
  private static final List<String> PLATFORMS =
      List.of("linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/riscv64");

  /// Values of options that have a few only.
  private static final Map<String, List<String>> VALUES =
      Map.of(
          "--call", List.of("build", "check", "outline", "targets"),
          "--network", List.of("default", "host", "none"),
          "--platform", PLATFORMS,
          "--progress", List.of("auto", "tty", "plain", "json", "rawjson", "quiet"),
          "--pull", List.of("always", "missing", "newer", "never"),
          "--sandbox", sandboxes());

  private final Supplier<List<String>> images;

  /// @param images names of those in the store; asked for only where one may stand
  Completion(Supplier<List<String>> images) {
    this.images = images;
  }

  private static List<String> sandboxes() {
    return Stream.concat(
            Stream.of("auto"), Arrays.stream(SandboxKind.values()).map(SandboxKind::text))
        .toList();
  }

  /// What was found.
  ///
  /// @param files whether names of files may stand there too
  /// @param candidates each the whole word
  record Answer(boolean files, List<Candidate> candidates) {}

  record Candidate(String word, String description) {}

  /// @param words after `jbuild`; the last is being typed, and may be empty
  Answer of(List<String> words) {
    var before = new ArrayList<>(words.subList(0, words.size() - 1));
    var current = words.getLast();
    while (!before.isEmpty() && Main.isGlobal(before.getFirst())) {
      boolean hasValue = before.getFirst().equals("--root");
      before.removeFirst();
      if (hasValue) {
        if (before.isEmpty()) {
          return new Answer(true, List.of());
        }
        before.removeFirst();
      }
    }
    if (before.isEmpty() && !current.startsWith("-")) {
      return new Answer(true, starting(current, commands()));
    }
    LongNames.shorten(before);
    boolean named = !before.isEmpty() && Commands.find(before).isPresent();
    Command command = named ? Commands.find(before).get() : new BuildCommand();
    if (named) {
      before.removeFirst();
    }
    return of(command.narrowed(before).syntax(), before, current);
  }

  private static List<Candidate> commands() {
    return Overview.SUMMARY.stream()
        .map(row -> new Candidate(row.getFirst().split("[ \\[]", 2)[0], row.getLast()))
        .filter(each -> !each.word().isEmpty())
        .toList();
  }

  private Answer of(Syntax syntax, List<String> before, String current) {
    if (!before.isEmpty()) {
      var option = syntax.option(before.getLast());
      if (option.isPresent() && option.get().takesNextWord()) {
        return values(option.get(), "", current);
      }
    }
    int equals = current.indexOf('=');
    if (current.startsWith("-") && equals > 0) {
      var name = current.substring(0, equals);
      return syntax
          .option(name)
          .filter(Syntax.Option::hasValue)
          .map(option -> values(option, name + "=", current))
          .orElse(new Answer(false, List.of()));
    }
    if (current.startsWith("-")) {
      var names = new ArrayList<Candidate>();
      for (var option : syntax.options()) {
        option.names().forEach(name -> names.add(new Candidate(name, option.description())));
      }
      return new Answer(false, starting(current, names));
    }
    return argument(syntax, current);
  }

  private Answer values(Syntax.Option option, String prefix, String current) {
    var known =
        option.names().stream()
            .flatMap(name -> VALUES.getOrDefault(name, List.of()).stream())
            .map(value -> new Candidate(prefix + value, ""))
            .toList();
    if (!known.isEmpty()) {
      return new Answer(false, starting(current, known));
    }
    if (option.names().contains("--tag")) {
      return new Answer(false, starting(current, imageNames(prefix)));
    }
    var label = option.label().toUpperCase(Locale.ROOT);
    return new Answer(Stream.of("FILE", "DIR", "SRC", "DEST").anyMatch(label::contains), List.of());
  }

  private Answer argument(Syntax syntax, String current) {
    var label = syntax.argumentLabel();
    if (label.equals(String.join("|", SHELLS)) || isWords(label)) {
      var words = Stream.of(label.split("\\|", -1)).map(word -> new Candidate(word, "")).toList();
      return new Answer(false, starting(current, words));
    }
    if (label.contains("IMAGE") || label.contains("NAME") || label.contains("REPOSITORY")) {
      return new Answer(false, starting(current, imageNames("")));
    }
    return new Answer(!label.equals("REGISTRY"), List.of());
  }

  private static boolean isWords(String label) {
    return !label.isEmpty() && label.equals(label.toLowerCase(Locale.ROOT));
  }

  private List<Candidate> imageNames(String prefix) {
    return images.get().stream().map(name -> new Candidate(prefix + name, "")).toList();
  }

  private static List<Candidate> starting(String prefix, List<Candidate> all) {
    return all.stream().filter(each -> each.word().startsWith(prefix)).toList();
  }
}
