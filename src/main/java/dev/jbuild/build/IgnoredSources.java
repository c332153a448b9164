package dev.jbuild.build;

import dev.jbuild.context.IgnoreRules;
import dev.jbuild.dockerfile.Finding;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.failure.Printable;
import dev.jbuild.plan.CopySource;
import dev.jbuild.plan.CopyStep;
import dev.jbuild.plan.Origin;
import dev.jbuild.plan.Plan;
import dev.jbuild.tar.ArchivePath;
import java.util.ArrayList;
import java.util.List;

/// [Rule#COPY_IGNORED_FILE]. A build need not be told: there the copy fails, and says why.
final class IgnoredSources {

  private IgnoredSources() {}

  /// What is found. As in BuildKit nothing is, where a rule takes files back in.
  static List<Finding> of(Plan plan, IgnoreRules rules) {
    var findings = new ArrayList<Finding>();
    if (rules.isEmpty() || rules.takesBack()) {
      return findings;
    }
    for (var stage : plan.stages()) {
      for (var step : stage.steps()) {
        if (step instanceof CopyStep copy && copy.origin() instanceof Origin.Context) {
          copy.sources().forEach(source -> check(copy, source, rules, findings));
        }
      }
    }
    return findings;
  }

  private static void check(
      CopyStep copy, CopySource source, IgnoreRules rules, List<Finding> findings) {
    if (!(source instanceof CopySource.Files(var pattern, var span))) {
      return;
    }
    if (List.of(pattern.split("/", -1)).contains("..")) {
      return;
    }
    // Of the root itself is asked whether anything at all is left over.
    var path = ArchivePath.of(pattern);
    var decision = path.isRoot() ? rules.decidedBy(ArchivePath.of("*")) : rules.decidedBy(path);
    if (decision.isPresent()) {
      findings.add(
          new Finding(
              Rule.COPY_IGNORED_FILE,
              span,
              (copy.add() ? "ADD" : "COPY")
                  + " finds no "
                  + Printable.of(pattern)
                  + ": "
                  + decision.get().printable()
                  + " leaves it out"));
    }
  }
}
