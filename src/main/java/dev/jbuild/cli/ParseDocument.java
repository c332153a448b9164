package dev.jbuild.cli;

import dev.jbuild.dockerfile.Directive;
import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.dockerfile.Part.Comment;
import dev.jbuild.dockerfile.Part.Statement;
import dev.jbuild.dockerfile.Word;
import dev.jbuild.dockerfile.Wording;
import dev.jbuild.dockerfile.Wording.Argument;
import dev.jbuild.dockerfile.Wording.Document;
import dev.jbuild.dockerfile.Wording.Flag;
import dev.jbuild.failure.Span;
import dev.jbuild.failure.Utf8;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// A Dockerfile as the JSON document that docs/parse.md describes. Its names and what they mean
/// stay; new ones may come.
final class ParseDocument {

  /// Grows when something that was there changes its meaning or goes.
  private static final int VERSION = 1;

  private final Dockerfile dockerfile;

  ParseDocument(Dockerfile dockerfile) {
    this.dockerfile = dockerfile;
  }

  /// Writes it instruction by instruction, so that a large file needs no large tree.
  void write(PrintStream out) {
    out.print("{\n  \"version\": " + VERSION);
    member(out, "file", dockerfile.source().name());
    member(out, "escape", String.valueOf(dockerfile.escape()));
    member(
        out, "directives", dockerfile.directives().stream().map(ParseDocument::directive).toList());
    out.print(",\n  \"instructions\": [");
    var separator = "\n    ";
    for (var part : dockerfile.parts()) {
      if (part instanceof Statement statement) {
        out.print(separator + JsonText.dense(statement(statement), "    "));
        separator = ",\n    ";
      }
    }
    out.print("\n  ]\n}\n");
  }

  private static void member(PrintStream out, String name, Object value) {
    out.print(",\n  \"" + name + "\": " + JsonText.dense(value, "  "));
  }

  private static Map<String, Object> directive(Directive directive) {
    return members(
        "name", directive.name(),
        "value", directive.value(),
        "position", position(directive.span()),
        "valuePosition", position(directive.valueSpan()));
  }

  private Map<String, Object> statement(Statement statement) {
    var members = wording(dockerfile.wording(statement));
    members.put("comments", statement.comments().stream().map(ParseDocument::comment).toList());
    members.put("startLine", statement.firstLine());
    members.put("endLine", statement.lastLine());
    members.put("position", position(statement.instruction().span()));
    var text = dockerfile.source().lines(statement.firstLine(), statement.lastLine());
    members.put("text", text);
    byte[] bytes = Utf8.encode(text);
    if (!Arrays.equals(bytes, text.getBytes(StandardCharsets.UTF_8))) {
      members.put("bytes", Base64.getEncoder().encodeToString(bytes));
    }
    return members;
  }

  private static Map<String, Object> comment(Comment comment) {
    return members("text", comment.text(), "position", position(comment.span()));
  }

  private static Map<String, Object> wording(Wording wording) {
    var members =
        members(
            "instruction", wording.keyword().text().toUpperCase(Locale.ROOT),
            "keyword", word(wording.keyword()),
            "flags", wording.flags().stream().map(ParseDocument::flag).toList());
    wording.subcommand().ifPresent(word -> members.put("subcommand", word(word)));
    members.put("form", wording.form().name().toLowerCase(Locale.ROOT));
    members.put("arguments", wording.arguments().stream().map(ParseDocument::argument).toList());
    members.put("heredocs", wording.heredocs().stream().map(ParseDocument::document).toList());
    wording.trigger().ifPresent(trigger -> members.put("trigger", wording(trigger)));
    return members;
  }

  private static Map<String, Object> flag(Flag flag) {
    var members = members("name", flag.name());
    flag.value().ifPresent(value -> members.put("value", value.text()));
    members.put("position", position(flag.span()));
    flag.value().ifPresent(value -> members.put("valuePosition", position(value.span())));
    return members;
  }

  private static Map<String, Object> argument(Argument argument) {
    var members = word(argument.word());
    argument.name().ifPresent(name -> members.put("name", word(name)));
    argument.value().ifPresent(value -> members.put("value", word(value)));
    return members;
  }

  private static Map<String, Object> document(Document document) {
    var heredoc = document.heredoc();
    var members =
        members(
            "name", heredoc.name(),
            "content", heredoc.body(),
            "expand", heredoc.expand(),
            "chomp", heredoc.chomp());
    if (heredoc.fileDescriptor() >= 0) {
      members.put("fileDescriptor", heredoc.fileDescriptor());
    }
    members.put("position", position(heredoc.span()));
    members.put("contentPosition", position(document.content()));
    members.put("terminatorPosition", position(document.terminator()));
    return members;
  }

  private static Map<String, Object> word(Word word) {
    return members("text", word.text(), "position", position(word.span()));
  }

  private static Map<String, Object> position(Span span) {
    return members(
        "line", span.line(),
        "column", span.column(),
        "endLine", span.endLine(),
        "endColumn", span.endColumn());
  }

  private static Map<String, Object> members(Object... namesAndValues) {
    var members = new LinkedHashMap<String, Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      members.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return members;
  }
}
