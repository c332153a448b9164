package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Instruction.OnBuild;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// ONBUILD. Its trigger is cut into words; what is wrong with these is told where it is triggered.
final class OnBuildParser {

  private static final Set<String> REFUSED = Set.of("FROM", "MAINTAINER", "ONBUILD");

  private OnBuildParser() {}

  static Instruction onBuild(Arguments arguments) {
    arguments.flags().finish();
    var trigger =
        trigger(arguments)
            .orElseThrow(
                () ->
                    arguments
                        .failure("needs an instruction")
                        .hint("write ONBUILD COPY . /src, for example"));
    refuse(trigger);
    WordingReader.wording(trigger); // refuses what cannot be cut
    var text = new StringBuilder(arguments.line().text().substring(arguments.from()));
    for (var document : arguments.documents()) {
      text.append('\n').append(document.heredoc().body()).append(document.heredoc().name());
    }
    return new OnBuild(arguments.span(), text.toString());
  }

  /// The instruction behind ONBUILD, if there is one.
  static Optional<Arguments> trigger(Arguments arguments) {
    return arguments.isEmpty()
        ? Optional.empty()
        : Optional.of(Arguments.read(arguments.line(), arguments.from(), arguments.escape()));
  }

  /// Refuses the instructions that cannot be triggers.
  static void refuse(Arguments trigger) {
    if (REFUSED.contains(trigger.keyword().text().toUpperCase(Locale.ROOT))) {
      throw trigger
          .failure("cannot be triggered by ONBUILD", trigger.keyword().span())
          .hint("put it into the Dockerfile that begins with this image");
    }
  }
}
