package dev.jbuild.plan;

import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.failure.Printable;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/// What is said about build arguments as a whole.
final class ArgumentCheck {

  private ArgumentCheck() {}

  /// The names that the ARG instructions among `instructions` declare.
  static Set<String> declared(Collection<Instruction> instructions) {
    var names = new HashSet<String>();
    for (var instruction : instructions) {
      if (instruction instanceof Instruction.Arg arg) {
        arg.declarations().forEach(declaration -> names.add(declaration.name()));
      }
    }
    return names;
  }

  /// Warns of build arguments that no ARG declares and that mean nothing by themselves.
  static void warnOfUnused(Set<String> given, Set<String> declared, Notices notices) {
    for (var name : given) {
      if (declared.contains(name) || PredefinedArgs.isConsumed(name)) {
        continue;
      }
      var candidates = new HashSet<>(declared);
      candidates.addAll(PredefinedArgs.names());
      notices.add(
          "no ARG declares the build argument "
              + Printable.of(name)
              + Nearest.to(name, candidates)
                  .map(near -> ": did you mean " + Printable.of(near) + "?")
                  .orElse(""));
    }
  }
}
