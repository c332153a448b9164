package dev.jbuild.cli;

import dev.jbuild.build.LintResult;
import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.dockerfile.Finding;
import dev.jbuild.dockerfile.Part.Statement;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.dockerfile.Target;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Credentials;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Span;
import dev.jbuild.failure.Utf8;
import dev.jbuild.plan.Outline;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Answers to [Call] as JSON, with the members that docker's have: what is empty is left out, a
/// place is the lines of an instruction, and `sources` is the Dockerfile in base64.
final class CallDocument {

  private final Source source;
  private final NavigableMap<Integer, Statement> statements = new TreeMap<>();

  private CallDocument(Dockerfile dockerfile) {
    this.source = dockerfile.source();
    for (var part : dockerfile.parts()) {
      if (part instanceof Statement statement) {
        statements.put(statement.firstLine(), statement);
      }
    }
  }

  static String outline(Dockerfile dockerfile, Outline outline) {
    return new CallDocument(dockerfile).outline(outline);
  }

  static String targets(Dockerfile dockerfile) {
    var document = new CallDocument(dockerfile);
    var members = new LinkedHashMap<String, Object>();
    members.put("targets", Target.of(dockerfile).stream().map(document::target).toList());
    members.put("sources", document.sources());
    return JsonText.pretty(members);
  }

  static String methods() {
    var methods = new ArrayList<Object>();
    for (var method : CallTables.METHODS) {
      var members = new LinkedHashMap<String, Object>();
      members.put("name", "frontend." + method.getFirst());
      members.put("version", method.get(1));
      members.put("type", "rpc");
      members.put("description", method.get(2));
      methods.add(members);
    }
    return JsonText.pretty(methods);
  }

  static String check(Dockerfile dockerfile, LintResult result) {
    var document = new CallDocument(dockerfile);
    var source = new LinkedHashMap<String, Object>();
    source.put("filename", Printable.of(document.source.name()));
    source.put("language", "Dockerfile");
    source.put("data", document.text());
    var members = new LinkedHashMap<String, Object>();
    members.put("warnings", result.findings().stream().map(document::warning).toList());
    members.put("sources", List.of(source));
    result.failure().ifPresent(each -> members.put("buildError", document.error(each)));
    return JsonText.pretty(members);
  }

  private String outline(Outline outline) {
    var members = new LinkedHashMap<String, Object>();
    outline.name().ifPresent(name -> members.put("name", name));
    outline.description().ifPresent(text -> members.put("description", text));
    put("args", outline.arguments().stream().map(this::argument).toList(), members);
    put("secrets", outline.secrets().stream().map(each -> need("name", each)).toList(), members);
    put("ssh", outline.agents().stream().map(each -> need("name", each)).toList(), members);
    put("cache", outline.caches().stream().map(each -> need("ID", each)).toList(), members);
    members.put("sources", sources());
    return JsonText.pretty(members);
  }

  private static void put(String name, List<?> list, Map<String, Object> members) {
    if (!list.isEmpty()) {
      members.put(name, list);
    }
  }

  private Map<String, Object> argument(Outline.Argument argument) {
    var members = new LinkedHashMap<String, Object>();
    members.put("name", argument.name());
    argument.description().ifPresent(text -> members.put("description", text));
    argument
        .value()
        .filter(value -> !value.isEmpty())
        .ifPresent(value -> members.put("value", Credentials.hidden(value)));
    locate(argument.span(), members);
    return members;
  }

  private Map<String, Object> need(String name, Outline.Need need) {
    var members = new LinkedHashMap<String, Object>();
    members.put(name, need.id());
    if (need.required()) {
      members.put("required", true);
    }
    locate(need.span(), members);
    return members;
  }

  private Map<String, Object> target(Target target) {
    var members = new LinkedHashMap<String, Object>();
    target.name().ifPresent(name -> members.put("name", name));
    if (target.isLast()) {
      members.put("default", true);
    }
    target.description().ifPresent(text -> members.put("description", text));
    members.put("base", target.base());
    target.platform().ifPresent(platform -> members.put("platform", platform));
    locate(target.span(), members);
    return members;
  }

  private Map<String, Object> warning(Finding finding) {
    var rule = finding.rule();
    var members = new LinkedHashMap<String, Object>();
    members.put("ruleName", rule.ruleName());
    members.put("description", rule.description());
    members.put("url", rule.link());
    members.put("detail", finding.message());
    locate(finding.span(), members);
    var around = statements.floorEntry(finding.span().line());
    boolean isHere = finding.span().source().equals(source) && around != null;
    if (isHere) {
      int last = around.getValue().lastLine();
      boolean atEnd = rule == Rule.NO_EMPTY_CONTINUATION; // where BuildKit's parser notices it
      locate(atEnd ? last : around.getValue().firstLine(), last, members);
    }
    return members;
  }

  private Map<String, Object> error(BuildFailure failure) {
    var members = new LinkedHashMap<String, Object>();
    members.put("message", failure.message());
    members.put("location", Map.of());
    failure.where().ifPresent(span -> locate(span, members));
    return members;
  }

  /// One range from the first line to the last. docker's have one for each line, of which many
  /// arguments of a long instruction would make a document that grows with its square.
  ///
  /// What stands in another text, as a trigger of a base image, has no place.
  private void locate(Span span, Map<String, Object> members) {
    if (!span.source().equals(source)) {
      return;
    }
    boolean isWhole = span.endColumn() > 1 || span.endLine() == span.line();
    locate(span.line(), isWhole ? span.endLine() : span.endLine() - 1, members);
  }

  private static void locate(int first, int last, Map<String, Object> members) {
    var range = new LinkedHashMap<String, Object>();
    range.put("start", Map.of("line", first));
    range.put("end", Map.of("line", last));
    members.put("location", Map.of("ranges", List.of(range)));
  }

  private List<String> sources() {
    return List.of(text());
  }

  private String text() {
    return Base64.getEncoder().encodeToString(Utf8.encode(source.text()));
  }
}
