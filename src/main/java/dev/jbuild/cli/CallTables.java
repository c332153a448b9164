package dev.jbuild.cli;

import dev.jbuild.dockerfile.Target;
import dev.jbuild.failure.Credentials;
import dev.jbuild.failure.Printable;
import dev.jbuild.plan.Outline;
import java.util.ArrayList;
import java.util.List;

/// Answers to [Call] as people read them.
final class CallTables {

  /// Name, version and description of each method.
  static final List<List<String>> METHODS =
      List.of(
          List.of("lint", "1.0.0", "What could be better in the Dockerfile (--call=check)"),
          List.of("outline", "1.0.0", "What the build of a target can be given"),
          List.of("targets", "1.0.0", "The stages that can be built"),
          List.of("subrequests.describe", "1.0.0", "This list"));

  private static final String UNNAMED = "(default)";

  private CallTables() {}

  static List<String> methods() {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("NAME", "VERSION", "DESCRIPTION"));
    rows.addAll(METHODS);
    return Table.lines(rows);
  }

  static List<String> targets(List<Target> targets) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("TARGET", "DESCRIPTION"));
    for (var target : targets) {
      var name = target.name().map(text -> target.isLast() ? text + " " + UNNAMED : text);
      rows.add(
          List.of(
              name.orElse(target.isLast() ? UNNAMED : ""),
              target.description().map(Printable::of).orElse("")));
    }
    return lines(rows);
  }

  static List<String> outline(Outline outline) {
    var lines = new ArrayList<String>();
    lines.add("TARGET:      " + outline.name().orElse(UNNAMED));
    outline.description().ifPresent(text -> lines.add("DESCRIPTION: " + Printable.of(text)));
    var arguments = new ArrayList<List<String>>();
    for (var argument : outline.arguments()) {
      arguments.add(
          List.of(
              Printable.of(argument.name()),
              Printable.of(argument.value().map(Credentials::hidden).orElse("")),
              argument.description().map(Printable::of).orElse("")));
    }
    add(List.of("BUILD ARG", "VALUE", "DESCRIPTION"), arguments, lines);
    add(List.of("SECRET", "REQUIRED"), needs(outline.secrets()), lines);
    add(List.of("SSH", "REQUIRED"), needs(outline.agents()), lines);
    add(
        List.of("CACHE"),
        outline.caches().stream().map(each -> List.of(Printable.of(each.id()))).toList(),
        lines);
    return lines;
  }

  private static List<List<String>> needs(List<Outline.Need> needs) {
    return needs.stream()
        .map(each -> List.of(Printable.of(each.id()), each.required() ? "true" : ""))
        .toList();
  }

  /// A table below an empty line, if it has rows.
  private static void add(List<String> head, List<List<String>> rows, List<String> lines) {
    if (!rows.isEmpty()) {
      var table = new ArrayList<List<String>>();
      table.add(head);
      table.addAll(rows);
      lines.add("");
      lines.addAll(lines(table));
    }
  }

  private static List<String> lines(List<List<String>> rows) {
    return Table.lines(rows).stream().map(String::stripTrailing).toList();
  }
}
