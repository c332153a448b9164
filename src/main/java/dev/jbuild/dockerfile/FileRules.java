package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Instruction.Arg;
import dev.jbuild.dockerfile.Instruction.From;
import dev.jbuild.dockerfile.Part.Statement;
import dev.jbuild.failure.Span;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The rules about how a Dockerfile is written as a whole; stages that nobody needs count too.
public final class FileRules {

  private static final Set<String> RESERVED = Set.of("scratch", "context");

  private final List<Finding> findings = new ArrayList<>();

  private FileRules() {}

  /// What is found, in no certain order, also what is not heard.
  public static List<Finding> of(Dockerfile dockerfile) {
    var rules = new FileRules();
    var statements = dockerfile.parts().stream().filter(Statement.class::isInstance);
    rules.check(statements.map(Statement.class::cast).toList());
    return List.copyOf(rules.findings);
  }

  private void check(List<Statement> statements) {
    var names = new HashSet<String>();
    for (var statement : statements) {
      emptyLines(statement);
      switch (statement.instruction()) {
        case From from -> {
          stageName(from, names);
          as(statement, from);
          from.name().ifPresent(name -> description(statement, "FROM", List.of(name.text())));
        }
        case Arg arg ->
            description(
                statement, "ARG", arg.declarations().stream().map(Arg.Declaration::name).toList());
        case Instruction.Maintainer _ ->
            add(
                Rule.MAINTAINER_DEPRECATED,
                statement.keyword().span(),
                "MAINTAINER is deprecated: a label names the author");
        default -> {}
      }
    }
    casing(statements);
  }

  private void add(Rule rule, Span span, String message) {
    findings.add(new Finding(rule, span, message));
  }

  private void emptyLines(Statement statement) {
    if (!statement.blankLines().isEmpty()) {
      var source = statement.keyword().span().source();
      add(
          Rule.NO_EMPTY_CONTINUATION,
          source.span(statement.blankLines().getFirst(), 1, 1),
          "the line is empty in the middle of " + Excerpt.of(statement.keyword().text()));
    }
  }

  private void stageName(From from, Set<String> names) {
    if (from.name().isEmpty()) {
      return;
    }
    var name = from.name().get();
    var written = name.written().text();
    if (!written.equals(name.text())) {
      add(
          Rule.STAGE_NAME_CASING,
          name.span(),
          "the stage's name " + Excerpt.of(written) + " should be in lower case");
    }
    if (RESERVED.contains(name.text())) {
      add(
          Rule.RESERVED_STAGE_NAME,
          name.span(),
          "a stage should not be called " + name.text() + ", which means something else");
    }
    if (!names.add(name.text())) {
      add(
          Rule.DUPLICATE_STAGE_NAME,
          name.span(),
          "another stage above is called " + Excerpt.of(name.text()) + " too");
    }
  }

  /// A FROM of mixed case is told by another rule.
  private void as(Statement statement, From from) {
    var keyword = statement.keyword().text();
    boolean lower = isLower(keyword);
    if (from.name().isEmpty() || (!lower && !isUpper(keyword))) {
      return;
    }
    var as = from.name().get().as();
    if (lower ? !isLower(as.text()) : !isUpper(as.text())) {
      add(
          Rule.FROM_AS_CASING,
          as.span(),
          keyword + " and " + as.text() + " should be written in the same case");
    }
  }

  private void description(Statement statement, String instruction, List<String> names) {
    var comments =
        statement.comments().stream().filter(comment -> !Checks.isCheck(comment)).toList();
    if (comments.isEmpty()) {
      return;
    }
    var comment = comments.getLast();
    if (!names.contains(comment.text().split(" ", 2)[0])) {
      add(
          Rule.INVALID_DEFINITION_DESCRIPTION,
          statement.keyword().span(),
          "the comment above "
              + instruction
              + " should begin with "
              + (names.size() == 1 ? Excerpt.of(names.getFirst()) : "the name of an argument"));
    }
  }

  /// What stands above the first FROM does not count, as in BuildKit.
  private void casing(List<Statement> statements) {
    int lower = 0;
    int upper = 0;
    var keywords = new ArrayList<Word>();
    for (var statement : statements) {
      if (keywords.isEmpty() && !(statement.instruction() instanceof From)) {
        continue;
      }
      var keyword = statement.keyword();
      keywords.add(keyword);
      lower += isLower(keyword.text()) ? 1 : 0;
      upper += isUpper(keyword.text()) ? 1 : 0;
    }
    boolean mostlyLower = lower > upper;
    for (var keyword : keywords) {
      if (mostlyLower ? !isLower(keyword.text()) : !isUpper(keyword.text())) {
        add(
            Rule.CONSISTENT_INSTRUCTION_CASING,
            keyword.span(),
            keyword.text()
                + " should be in "
                + (mostlyLower ? "lower" : "upper")
                + " case, as most instructions here");
      }
    }
  }

  private static boolean isLower(String word) {
    return word.equals(word.toLowerCase(Locale.ROOT));
  }

  private static boolean isUpper(String word) {
    return word.equals(word.toUpperCase(Locale.ROOT));
  }
}
