package dev.jbuild.cli;

import dev.jbuild.console.Console;
import dev.jbuild.failure.Printable;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What `jbuild debug` can go into.
final class DebugList {

  private final DebugChoice choice;

  DebugList(DebugChoice choice) {
    this.choice = choice;
  }

  void print(Console console, boolean asJson) {
    if (asJson) {
      console.result(JsonText.pretty(new Fields(document())));
      return;
    }
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("STEP", "STATE", "INSTRUCTION"));
    var age = new Age(Clock.systemUTC());
    for (var step : choice.kept()) {
      rows.add(
          List.of(
              step.entry().id(),
              "failed (%d) %s%s"
                  .formatted(
                      step.exitCode(),
                      age.since(Optional.of(step.entry().used())),
                      step.isChanged() ? ", changed" : ""),
              step.shown()));
    }
    choice.builds().stream()
        .limit(1)
        .flatMap(build -> build.steps().stream())
        .forEach(
            step ->
                rows.add(
                    List.of(
                        Printable.of(step.title()),
                        step.log().isPresent() ? "done, has a log" : "done",
                        Printable.of(step.text()))));
    Table.lines(rows).forEach(console::result);
  }

  private Map<String, Object> document() {
    var kept = new ArrayList<Object>();
    for (var step : choice.kept()) {
      var fields = new LinkedHashMap<String, Object>();
      fields.put("Id", step.entry().id());
      fields.put("Build", step.build().hex());
      fields.put("Step", step.title());
      fields.put("Instruction", step.instruction());
      fields.put("Dockerfile", step.place().source().name());
      fields.put("Line", (long) step.place().line());
      fields.put("ExitCode", (long) step.exitCode());
      fields.put("Changed", step.isChanged());
      fields.put("Used", step.entry().used().toString());
      kept.add(new Fields(fields));
    }
    var steps = new ArrayList<Object>();
    choice.builds().stream()
        .limit(1)
        .flatMap(build -> build.steps().stream())
        .forEach(
            step -> {
              var fields = new LinkedHashMap<String, Object>();
              fields.put("Step", step.title());
              fields.put("Instruction", step.text());
              fields.put("HasLog", step.log().isPresent());
              steps.add(new Fields(fields));
            });
    var document = new LinkedHashMap<String, Object>();
    document.put("Failed", kept);
    document.put("LastBuild", steps);
    return document;
  }
}
