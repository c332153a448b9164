package dev.jbuild.plan;

import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Span;
import java.util.ArrayList;
import java.util.List;

/// ONBUILD instructions, where they are triggered.
final class Triggers {

  /// More than any image can mean; a config is a stranger's text.
  static final int MOST = 1000;

  private Triggers() {}

  /// Parses the triggers of `base`, which FROM at `from` names. They are shown as the base's. A
  /// config does not say which escape character its Dockerfile had: it is the backslash.
  ///
  /// @throws BuildFailure if there are too many or one is no instruction that may be triggered
  static List<Placed> parse(List<String> texts, String base, Span from) {
    if (texts.size() > MOST) {
      throw Mistake.at(
          from,
          "FROM: "
              + Printable.of(base)
              + " has "
              + texts.size()
              + " ONBUILD triggers; more than "
              + MOST
              + " are refused");
    }
    var placed = new ArrayList<Placed>();
    for (var text : texts) {
      var source = new Source("ONBUILD of " + base, text);
      placed.add(new Placed(checked(Dockerfile.parseTrigger(source)), '\\', true));
    }
    return placed;
  }

  private static Instruction checked(Instruction instruction) {
    if (instruction instanceof Instruction.From
        || instruction instanceof Instruction.OnBuild
        || instruction instanceof Instruction.Maintainer) {
      throw Mistake.at(
          instruction.span(), "ONBUILD: FROM, ONBUILD and MAINTAINER cannot be triggered");
    }
    return instruction;
  }
}
