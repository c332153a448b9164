package dev.jbuild.cli;

import dev.jbuild.build.LintResult;
import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.dockerfile.Finding;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Credentials;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Span;
import dev.jbuild.image.Reference;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// What a lint run found, as JSON for scripts; docs/rules/README.md describes it.
final class LintDocument {

  private static final int VERSION = 1;

  private LintDocument() {}

  static String json(Dockerfile dockerfile, LintResult result) {
    var members = new LinkedHashMap<String, Object>();
    members.put("version", VERSION);
    members.put("dockerfile", Printable.of(dockerfile.source().name()));
    members.put("findings", result.findings().stream().map(LintDocument::finding).toList());
    members.put("unknownImages", result.unknown().stream().map(Reference::full).toList());
    result.failure().ifPresent(failure -> members.put("error", error(failure)));
    return JsonText.pretty(members);
  }

  private static Map<String, Object> finding(Finding finding) {
    var rule = finding.rule();
    var span = finding.span();
    var members = new LinkedHashMap<String, Object>();
    members.put("rule", rule.ruleName());
    members.put("kind", rule.kind().name().toLowerCase(Locale.ROOT));
    members.put("level", level(rule));
    members.put("message", finding.message());
    place(span, members);
    members.put("advice", rule.advice());
    members.put("page", rule.page());
    members.put("link", rule.link());
    return members;
  }

  /// Why there was no more to find.
  private static Map<String, Object> error(BuildFailure failure) {
    var members = new LinkedHashMap<String, Object>();
    members.put("message", failure.message());
    failure.where().ifPresent(span -> place(span, members));
    failure.hint().ifPresent(hint -> members.put("advice", hint));
    return members;
  }

  private static void place(Span span, Map<String, Object> members) {
    members.put("file", Printable.of(span.source().name()));
    members.put("line", span.line());
    members.put("column", span.column());
    members.put("endLine", span.endLine());
    members.put("endColumn", span.endColumn());
    var line = span.source().line(span.line());
    members.put("source", Printable.of(Credentials.masked(line)));
  }

  /// `warning`, or `note` for advice.
  static String level(Rule rule) {
    return rule.kind() == Rule.Kind.ADVICE ? "note" : "warning";
  }
}
