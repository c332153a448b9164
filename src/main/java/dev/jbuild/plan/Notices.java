package dev.jbuild.plan;

import dev.jbuild.failure.Span;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The warnings of one planning, each once.
final class Notices {

  private final Set<Notice> notices = new LinkedHashSet<>();

  void add(String rule, Span span, String message) {
    notices.add(Notice.of(rule, span, message));
  }

  /// One that no rule and no place belongs to.
  void add(String message) {
    notices.add(new Notice(Optional.empty(), message, Optional.empty()));
  }

  List<Notice> all() {
    return List.copyOf(notices);
  }
}
