package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Options that would do nothing are mistakes.
class DebugCommandTest {

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({
    "--log --before, --log and --before exclude each other",
    "--list --rm, --list and --rm exclude each other",
    "--json --with-tools, --json and --with-tools exclude each other",
    "--log -- true, '--log prints something, and runs no command'",
  })
  void whatPrintsEntersNoStep(String line, String message) {
    var jbuild = new Jbuild(temp.resolve("store")).run(("debug " + line).split(" "));
    assertTrue(jbuild.err().contains(message), jbuild.err());
    assertEquals(125, jbuild.code());
  }

  @Test
  void aContainerThatIsThereHasItsPlatform() {
    assertThrows(
        BuildFailure.class,
        () -> new StartCommand().syntax().parse(List.of("--platform", "linux/arm64", "tools")));
    new RunCommand().syntax().parse(List.of("--platform", "linux/arm64", "base"));
  }
}
