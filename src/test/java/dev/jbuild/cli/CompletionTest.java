package dev.jbuild.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What Tab offers.
class CompletionTest {

  @TempDir Path directory;

  private static final Completion COMPLETION =
      new Completion(() -> List.of("app:1", "app:2", "host:5000/team/base:latest"));

  /// In the cells `_` is an empty word, and the last word is the one that is being typed.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "imp | import | true",
        "doc | doctor | true",
        "--root | --root | false",
        "--root dir ver | version | true",
        "--root _ | | true",
        "run app: | app:1,app:2 | false",
        "run -w /x ho | host:5000/team/base:latest | false",
        "image rm app:2 | app:2 | false",
        "tag app:1 _ | app:1,app:2,host:5000/team/base:latest | false",
        "build --progress p | plain | false",
        "build --pull _ | | true",
        "build --pull=n | --pull=newer,--pull=never | false",
        "--network=no | --network=none | false",
        "build -t app:1 | app:1 | false",
        "build -f _ | | true",
        "build --secr | --secret | false",
        "registry s | serve | false",
        "registry serve --rea | --read-only | false",
        "store _ | check,du | false",
        "completion f | fish | false",
        "inspect --attest | | false",
      })
  void theWordIsCompletedFromWhatMayStandThere(String words, String expected, boolean files) {
    var typed = Arrays.stream(words.split(" ")).map(word -> word.equals("_") ? "" : word).toList();
    var answer = COMPLETION.of(typed);
    var found =
        answer.candidates().stream()
            .map(Completion.Candidate::word)
            .collect(Collectors.joining(","));
    assertEquals(expected == null ? "" : expected, found);
    assertEquals(files, answer.files());
  }

  private Jbuild run(String... words) {
    return new Jbuild(directory.resolve("store")).run(words);
  }

  @Test
  void everyCommandOfTheOverviewIsOffered() {
    var offered = run("__complete", "--", "").out();
    assertEquals("files", offered.lines().findFirst().orElseThrow());
    for (var name : List.of("import\t", "doctor\t", "registry\t", "completion\t")) {
      assertTrue(offered.contains("\n" + name), offered);
    }
    assertTrue(run("__complete", "--", "run", "").out().startsWith("none"));
  }

  /// The script parses in bash, and a name with a colon, at which bash splits, is completed.
  @Test
  void bashUnderstandsTheScript() throws IOException, InterruptedException {
    var script = Files.writeString(directory.resolve("script"), run("completion", "bash").out());
    var jbuild = directory.resolve("jbuild");
    Files.writeString(
        jbuild,
        "#!/bin/sh\n[ \"$*\" = '__complete -- run app:' ] && printf 'none\\napp:1\\tx\\n'\n");
    assertTrue(jbuild.toFile().setExecutable(true));
    var line = jbuild + " run app:";
    var test =
        "set -u; source "
            + script
            + "; COMP_LINE='"
            + line
            + "'; COMP_POINT="
            + line.length()
            + "; _jbuild; printf '[%s]' \"${COMPREPLY[@]}\"; complete -p jbuild";
    var process = new ProcessBuilder("bash", "-ec", test).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), said);
    assertEquals("[1]complete -F _jbuild jbuild\n", said);
  }

  @Test
  void otherShellsAreNamed() {
    assertTrue(run("completion", "zsh").out().startsWith("#compdef jbuild\n"));
    assertTrue(run("completion", "fish").out().contains("complete -c jbuild"));
    assertEquals(2, run("completion", "csh").code());
  }
}
