package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadAheadTest {

  @ParameterizedTest
  @CsvSource({
    "build ., true",
    "--root X images, true",
    "--version-of-mine, true",
    "'', false",
    "--version, false",
    "-v, false",
    "-V, false",
    "login host, false",
    "--root X login host, false",
    "--root=X --debug logout, false",
    "--debug, false",
    "--root, false"
  })
  void onlyForCommandsThatMayReadImages(String line, boolean isOfUse) {
    var words = line.isEmpty() ? List.<String>of() : List.of(line.split(" ", -1));
    assertEquals(isOfUse, LoadAhead.isOfUse(words));
  }
}
