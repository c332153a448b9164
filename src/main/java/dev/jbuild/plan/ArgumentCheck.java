package dev.jbuild.plan;

import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// What is said about build arguments as a whole.
final class ArgumentCheck {

  private static final long LATEST = 253_402_300_799L; // the end of the year 9999

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

  /// The clamp that SOURCE_DATE_EPOCH asks for, as a build argument or a global ARG.
  ///
  /// @param contexts the names of the named contexts
  /// @throws BuildFailure if it is neither a number of seconds nor a context
  static Optional<Clamp> clamp(GlobalScope globals, Set<String> contexts) {
    var text = globals.inherited(PredefinedArgs.SOURCE_DATE_EPOCH);
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    if (text.equals("context")) {
      return Optional.of(new Clamp.OfContext(Optional.empty()));
    }
    if (contexts.contains(text)) {
      return Optional.of(new Clamp.OfContext(Optional.of(text)));
    }
    if (!text.matches("[0-9]{1,18}") || Long.parseLong(text) > LATEST) {
      throw BuildFailure.of(
              BuildFailure.Kind.DOCKERFILE,
              "SOURCE_DATE_EPOCH: \"" + Printable.of(text) + "\" is not a time")
          .hint("It is a number of seconds since 1970, the word context, or a named context");
    }
    return Optional.of(new Clamp.At(Instant.ofEpochSecond(Long.parseLong(text))));
  }
}
