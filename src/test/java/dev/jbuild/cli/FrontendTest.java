package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.failure.Source;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Case 73: what is said of a frontend that jbuild does not use. That none is fetched is seen in
/// the integration tests.
class FrontendTest {

  @ParameterizedTest(name = "1.2 {0} {1}")
  @CsvSource({
    "docker/dockerfile, '', ''",
    "docker/dockerfile:1.20-labs, '', ''",
    "docker.io/docker/dockerfile:1@sha256:00, '', ''",
    "docker/dockerfile-upstream:master, '', ''",
    "mirror.example:5000/docker/dockerfile:1, '', ''",
    "docker/dockerfile:1 some options, '', ''",
    "evil/frontend:1, '', Dockerfile:1:1 evil/frontend:1",
    "evil/frontend:1 docker/dockerfile, '', Dockerfile:1:1 evil/frontend:1",
    "notdocker/dockerfile, '', Dockerfile:1:1 notdocker/dockerfile",
    "docker/dockerfile.evil, '', Dockerfile:1:1 docker/dockerfile.evil",
    "evil/frontend:1, docker/dockerfile:1, ''",
    "docker/dockerfile:1, evil/other, BUILDKIT_SYNTAX evil/other",
  })
  void aFrontendIsToldIfItIsAnotherOne(String directive, String argument, String told) {
    var text = "# syntax=" + directive + "\nFROM x\n";
    Map<String, String> arguments =
        argument.isEmpty() ? Map.of() : Map.of("BUILDKIT_SYNTAX", argument);
    var note = Frontend.note(Dockerfile.parse(new Source("Dockerfile", text)), arguments);
    var words = told.split(" ", 2);
    assertEquals(
        told.isEmpty()
            ? ""
            : words[0]
                + ": the frontend "
                + words[1]
                + " is not used: jbuild reads the Dockerfile itself",
        note.orElse(""));
  }
}
