package dev.jbuild.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What was typed and succeeded, as an instruction.
class TranscriptTest {

  private static String instruction(String... succeeded) {
    return new Transcript(List.of(succeeded), OptionalInt.empty()).instruction().orElse("");
  }

  static Stream<Arguments> sessions() {
    return Stream.of(
        Arguments.of(List.of("apt-get update"), "RUN apt-get update"),
        Arguments.of(List.of(" cd /x ", "make"), "RUN cd /x && make"),
        Arguments.of(List.of("a || b", "c; d;", "e | f"), "RUN { a || b; } && { c; d; } && e | f"),
        Arguments.of(List.of("retry", "exit 0", "fg %1", ""), ""),
        Arguments.of(List.of("a && retry", "b; retry"), "RUN a && b"),
        Arguments.of(
            List.of("if retry; then ls; fi", "retry-later", "x=retry"),
            "RUN retry-later && x=retry"),
        Arguments.of(List.of("sleep 9 &", "a && b", "c 2>&1"), "RUN a && b && c 2>&1"),
        Arguments.of(
            List.of("a # why", "cd x && make"),
            "RUN <<'EOF'\nset -e\na # why\n{\ncd x && make\n} || exit\nEOF"),
        Arguments.of(
            List.of("cat <<EOF >f\nx\nEOF"), "RUN <<'_EOF'\nset -e\ncat <<EOF >f\nx\nEOF\n_EOF"));
  }

  @ParameterizedTest
  @MethodSource("sessions")
  void commandsBecomeOneInstruction(List<String> typed, String expected) {
    assertEquals(expected, instruction(typed.toArray(String[]::new)));
  }

  @Test
  void nothingTypedIsNoInstruction() {
    assertTrue(Transcript.EMPTY.instruction().isEmpty());
  }
}
