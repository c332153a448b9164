package dev.jbuild.cli;

import dev.jbuild.console.Console;
import dev.jbuild.context.ContextSurvey;
import dev.jbuild.context.IgnoreRules;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.FileType;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/// Names of a context as they are listed: a line each, a path first, then the rule that decides.
final class ContextListing implements Consumer<ContextSurvey.Line> {

  /// What is left out though no rule leaves it out.
  private static final String STORE = "the store of jbuild";

  private final Console console;
  private final boolean ignored;
  private final boolean sizes;
  private final boolean json;
  private long files;
  private long directories;
  private long bytes;
  private long leftOut;

  /// @param json whether each name is an object
  ContextListing(Console console, Options options, boolean json) {
    this.console = console;
    this.ignored = options.has("--ignored");
    this.sizes = options.has("--sizes");
    this.json = json;
  }

  @Override
  public void accept(ContextSurvey.Line line) {
    count(line);
    if (json) {
      console.result(JsonText.compact(fields(line)));
    } else if (line.leftOut() == ignored) {
      console.result(text(line) + rule(line));
    }
  }

  private void count(ContextSurvey.Line line) {
    if (line.leftOut()) {
      leftOut++;
    } else if (line.type() == FileType.DIRECTORY) {
      directories++;
    } else {
      files++;
      bytes += line.size();
    }
  }

  private String text(ContextSurvey.Line line) {
    var path = line.path().printable() + (line.type() == FileType.DIRECTORY ? "/" : "");
    return sizes ? "%10s  %s".formatted(size(line), path) : path;
  }

  private static String size(ContextSurvey.Line line) {
    return line.type() == FileType.FILE && !line.leftOut() ? Console.size(line.size()) : "-";
  }

  private static String rule(ContextSurvey.Line line) {
    return line.rule().map(rule -> "\t" + place(rule)).orElse(line.leftOut() ? "\t" + STORE : "");
  }

  /// `.dockerignore:3: node_modules`.
  private static String place(IgnoreRules.Rule rule) {
    return Printable.of(rule.place()) + ":" + rule.line() + ": " + Printable.of(rule.text());
  }

  private static Fields fields(ContextSurvey.Line line) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("Path", line.path().toString());
    fields.put("Type", line.type().name().toLowerCase(Locale.ROOT));
    fields.put("Size", line.size());
    fields.put("Included", !line.leftOut());
    var rule = line.rule();
    fields.put("RuleFile", rule.map(IgnoreRules.Rule::place).orElse(""));
    fields.put("RuleLine", (long) rule.map(IgnoreRules.Rule::line).orElse(0));
    fields.put("RuleText", rule.map(IgnoreRules.Rule::text).orElse(""));
    return new Fields(fields);
  }

  /// Says of one name whether it is in the context, and why.
  void explain(ContextSurvey.Line line) {
    if (json) {
      console.result(JsonText.compact(fields(line)));
      return;
    }
    var path = line.path().isRoot() ? "." : line.path().printable();
    var why =
        line.rule()
            .map(rule -> (line.leftOut() ? " by " : ", let in by ") + place(rule))
            .orElse(line.leftOut() ? ": " + STORE : ", no line matches");
    console.result(path + ": " + (line.leftOut() ? "left out" : "in the context") + why);
  }

  /// The totals.
  ///
  /// @param ignoreFile which file was read, if one was
  void finish(Optional<String> ignoreFile) {
    var total =
        "%d file%s in %d director%s, %s; %d name%s left out"
            .formatted(
                files,
                files == 1 ? "" : "s",
                directories + 1,
                directories == 0 ? "y" : "ies",
                Console.size(bytes),
                leftOut,
                leftOut == 1 ? "" : "s");
    var by = ignoreFile.map(file -> " (" + Printable.of(file) + ")").orElse("");
    var hint = leftOut > 0 && !ignored && !json ? "; --ignored lists them" : "";
    console.message(total + by + hint);
  }
}
