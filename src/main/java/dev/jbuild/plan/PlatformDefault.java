package dev.jbuild.plan;

import dev.jbuild.dockerfile.Expansion;
import dev.jbuild.dockerfile.Instruction.Arg.Declaration;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.failure.Printable;
import org.jspecify.annotations.Nullable;

/// [Rule#PLATFORM_ARG_DEFAULT]: the default of an ARG wins over the value that TARGETARCH and its
/// like have by themselves, so that every platform is built as the one of the default.
final class PlatformDefault {

  private PlatformDefault() {}

  /// A build is told only if its platform is another; a lint run in any case, save that a default
  /// may stand on the value itself: `ARG TARGETARCH=${TARGETARCH:-amd64}` above the stages.
  ///
  /// @param automatic the value that the argument has by itself; null if it has none
  /// @param value what its default comes to
  static void check(
      Declaration declaration,
      @Nullable String automatic,
      String value,
      char escape,
      Notices notices) {
    if (automatic == null) {
      return;
    }
    boolean itself =
        declaration
            .value()
            .filter(word -> Expansion.variablesOf(word, escape).contains(declaration.name()))
            .isPresent();
    if (!automatic.equals(value) || (notices.lint() && !itself)) {
      notices.add(
          Rule.PLATFORM_ARG_DEFAULT,
          declaration.span(),
          "the default of "
              + Printable.of(declaration.name())
              + " wins over the value that it has by itself");
    }
  }
}
