package dev.jbuild.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.plan.Plan;
import dev.jbuild.sandbox.Allowance;
import dev.jbuild.sandbox.Network;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a container executes, from ENTRYPOINT, CMD and the command line (section 8 of the
/// language's reference): what is typed behind the image, and behind `--entrypoint`.
class ArgvRulesTest {

  @ParameterizedTest(name = "8 {0} {1} typed {2} {3}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "                     |                  |     |       | []",
        "CMD [\"c\",\"d\"]    |                  |     |       | [c, d]",
        "CMD c d              |                  |     |       | [/bin/sh, -c, c d]",
        "                     | ENTRYPOINT e a   |     |       | [/bin/sh, -c, e a]",
        "CMD [\"c\",\"d\"]    | ENTRYPOINT e a   |     |       | [/bin/sh, -c, e a, c, d]",
        "CMD c d              | ENTRYPOINT e a   |     |       | [/bin/sh, -c, e a, /bin/sh, -c,"
            + " c d]",
        "                     | ENTRYPOINT [\"e\",\"a\"] | | | [e, a]",
        "CMD [\"c\",\"d\"]    | ENTRYPOINT [\"e\",\"a\"] | | | [e, a, c, d]",
        "CMD c d              | ENTRYPOINT [\"e\",\"a\"] | | | [e, a, /bin/sh, -c, c d]",
        "CMD [\"c\",\"d\"]    |                  | x y |       | [x, y]",
        "CMD [\"c\",\"d\"]    | ENTRYPOINT [\"e\",\"a\"] | x y | | [e, a, x, y]",
        "CMD [\"c\",\"d\"]    | ENTRYPOINT [\"e\",\"a\"] | | n | [n]",
        "CMD [\"c\",\"d\"]    | ENTRYPOINT [\"e\",\"a\"] | x y | n | [n, x, y]",
        "CMD [\"c\",\"d\"]    | ENTRYPOINT [\"e\",\"a\"] | x y | - | [x, y]",
        "CMD []               | ENTRYPOINT [\"e\",\"a\"] |     |       | [e, a]",
        "CMD [\"c\",\"d\"]    | ENTRYPOINT []    |     |       | [c, d]",
      })
  void aContainerExecutes(
      @Nullable String cmd,
      @Nullable String entrypoint,
      @Nullable String typed,
      @Nullable String other,
      String argv) {
    var text = "FROM scratch\n" + orEmpty(cmd) + "\n" + orEmpty(entrypoint) + "\n";
    Plan plan = CopyBench.planned(text);
    var request =
        new RunRequest(
            typed == null ? List.of() : List.of(typed.split(" ")),
            Optional.ofNullable(other).map(name -> name.equals("-") ? "" : name),
            new TreeMap<>(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Network.HOST,
            Optional.empty(),
            List.of(),
            List.of(),
            List.of(),
            Allowance.USUAL,
            Optional.empty());
    assertEquals(argv, request.argv(plan.image().config()).toString());
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
