package dev.jbuild.cli;

import dev.jbuild.build.LintResult;
import dev.jbuild.dockerfile.Finding;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Span;
import dev.jbuild.image.Digest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a lint run found, in the form that code-scanning pages read (SARIF 2.1.0).
final class SarifDocument {

  private static final String SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

  /// In the order in which results name them.
  private static final List<Rule> RULES = List.of(Rule.values());

  /// Of the fingerprints below; another way to make them gets another name.
  private static final String FINGERPRINT = "ruleAndLine/v1";

  private SarifDocument() {}

  /// @param address where the Dockerfile lies: a URI, relative if it can be
  static String json(LintResult result, String address) {
    var run = new LinkedHashMap<String, Object>();
    run.put("tool", Map.of("driver", driver()));
    run.put("invocations", List.of(invocation(result.failure(), address)));
    run.put("columnKind", "utf16CodeUnits");
    run.put("results", results(result.findings(), address));
    var log = new LinkedHashMap<String, Object>();
    log.put("$schema", SCHEMA);
    log.put("version", "2.1.0");
    log.put("runs", List.of(run));
    return JsonText.pretty(log);
  }

  /// A mistake that is no finding is told of as the reason why the run went no further.
  private static Map<String, Object> invocation(Optional<BuildFailure> failure, String address) {
    var members = new LinkedHashMap<String, Object>();
    members.put("executionSuccessful", failure.isEmpty());
    failure.ifPresent(
        each -> members.put("toolExecutionNotifications", List.of(notification(each, address))));
    return members;
  }

  private static Map<String, Object> notification(BuildFailure failure, String address) {
    var members = new LinkedHashMap<String, Object>();
    members.put("level", "error");
    members.put("message", Map.of("text", sentence(failure.message())));
    failure.where().ifPresent(span -> members.put("locations", locations(span, address)));
    return members;
  }

  private static Map<String, Object> driver() {
    var driver = new LinkedHashMap<String, Object>();
    driver.put("name", "jbuild");
    VersionCommand.version().ifPresent(version -> driver.put("version", version));
    driver.put("rules", RULES.stream().map(SarifDocument::rule).toList());
    return driver;
  }

  private static Map<String, Object> rule(Rule rule) {
    var text = sentence(rule.description()) + " To mend it: " + sentence(rule.advice());
    var members = new LinkedHashMap<String, Object>();
    members.put("id", rule.ruleName());
    members.put("name", rule.ruleName());
    members.put("shortDescription", Map.of("text", sentence(rule.description())));
    members.put("fullDescription", Map.of("text", text));
    members.put("help", help(rule, text));
    members.put("helpUri", rule.link());
    var configuration = new LinkedHashMap<String, Object>();
    configuration.put("enabled", rule.kind() != Rule.Kind.EXPERIMENTAL);
    configuration.put("level", LintDocument.level(rule));
    members.put("defaultConfiguration", configuration);
    return members;
  }

  private static Map<String, Object> help(Rule rule, String text) {
    var help = new LinkedHashMap<String, Object>();
    help.put("text", text);
    help.put("markdown", text + "\n\n[More about " + rule.ruleName() + "](" + rule.link() + ")");
    return help;
  }

  private static String sentence(String text) {
    return text + ".";
  }

  private static List<Object> results(List<Finding> findings, String address) {
    var results = new ArrayList<Object>();
    var seen = new HashMap<String, Integer>();
    for (var finding : findings) {
      var line = finding.span().source().line(finding.span().line()).strip();
      var same = finding.rule().ruleName() + "\0" + line;
      int count = seen.merge(same, 1, Integer::sum);
      var result = new LinkedHashMap<String, Object>();
      result.put("ruleId", finding.rule().ruleName());
      result.put("ruleIndex", RULES.indexOf(finding.rule()));
      result.put("level", LintDocument.level(finding.rule()));
      result.put("message", Map.of("text", sentence(finding.message())));
      result.put("locations", locations(finding.span(), address));
      result.put("partialFingerprints", Map.of(FINGERPRINT, fingerprint(same + "\0" + count)));
      results.add(result);
    }
    return results;
  }

  private static List<Object> locations(Span span, String address) {
    var region = new LinkedHashMap<String, Object>();
    region.put("startLine", span.line());
    region.put("startColumn", span.column());
    region.put("endLine", span.endLine());
    region.put("endColumn", span.endColumn());
    var place = new LinkedHashMap<String, Object>();
    place.put("artifactLocation", Map.of("uri", address));
    place.put("region", region);
    return List.of(Map.of("physicalLocation", place));
  }

  /// The same for a finding whose line moved.
  private static String fingerprint(String text) {
    return Digest.ofText(text).hex();
  }
}
