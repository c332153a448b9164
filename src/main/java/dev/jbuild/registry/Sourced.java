package dev.jbuild.registry;

import java.util.List;

/// A manifest or index that was found.
///
/// @param sources where what it names may be: the place that gave it, then those that were not
///     asked
record Sourced(List<Repository> sources, Document document) {

  Sourced {
    sources = List.copyOf(sources);
  }
}
