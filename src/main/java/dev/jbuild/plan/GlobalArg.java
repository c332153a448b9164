package dev.jbuild.plan;

import java.util.Set;

/// An argument as one ARG above the first FROM declares it.
///
/// @param declared with the value that it has at the first FROM
/// @param uses the names that its default is made of; none if a build argument stands for it
public record GlobalArg(Declared declared, Set<String> uses) {
  public GlobalArg {
    uses = Set.copyOf(uses);
  }
}
