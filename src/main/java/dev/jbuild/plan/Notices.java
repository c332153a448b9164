package dev.jbuild.plan;

import dev.jbuild.dockerfile.Finding;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.failure.Span;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What one planning has to say beside its plan.
final class Notices {

  private final boolean lint;
  private final List<Finding> findings = new ArrayList<>();
  private final Set<String> remarks = new LinkedHashSet<>();

  /// @param lint whether this is a lint run, which is about all machines and not about this one
  Notices(boolean lint) {
    this.lint = lint;
  }

  boolean lint() {
    return lint;
  }

  void add(Rule rule, Span span, String message) {
    findings.add(new Finding(rule, span, message));
  }

  void addAll(Collection<Finding> more) {
    findings.addAll(more);
  }

  /// One that no rule and no place belongs to.
  void add(String message) {
    remarks.add(message);
  }

  /// Also those that nobody wants to hear.
  List<Finding> findings() {
    return List.copyOf(findings);
  }

  List<String> remarks() {
    return List.copyOf(remarks);
  }
}
