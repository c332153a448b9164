package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

  @TempDir Path directory;

  private Jbuild run(String... words) {
    return new Jbuild(directory.resolve("store")).run(words);
  }

  @Test
  void withoutACommandItBuilds() {
    var run = run("--sbom=x", ".");

    assertEquals(2, run.code());
    assertTrue(run.err().startsWith("jbuild: --sbom is not supported: "), run.err());
    assertEquals(run.err(), run("build", "--sbom=x", ".").err());
    assertEquals(run.err(), run("bud", "--sbom=x", ".").err());
    assertEquals(run.err(), run("-t", "x", ".", "--sbom=x").err());
    assertEquals(run.err(), run("buildx", "build", "--sbom=x", ".").err());
  }

  /// Case 138: too many files for the heap are no bug, wherever it is noticed.
  @Test
  void aHeapThatIsTooSmallIsToldInWords() {
    var full = new IllegalStateException(new OutOfMemoryError("Java heap space"));
    var run = new Jbuild(directory).failing(full).run("images");

    assertEquals(2, run.code());
    assertTrue(run.err().contains(" MiB\n   give it more, as in JBUILD_JAVA_OPTS="), run.err());
    assertFalse(run.err().contains("Error"), run.err());
  }

  @Test
  void anUnknownOptionIsNamed() {
    var run = run(".", "--frobnicate");

    assertEquals(2, run.code());
    assertTrue(run.err().contains("--frobnicate"), run.err());
    assertEquals("", run.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--attest", "--cpu-quota", "--sbom", "--rm", "--isolation", "-v"})
  void whatOtherBuildersKnowIsRefusedByNameWithAReason(String option) {
    var run = run(option + "=x", ".");

    assertEquals(2, run.code());
    assertTrue(run.err().startsWith("jbuild: " + option + " is not supported: "), run.err());
  }

  /// Found in many a script: they ask for what is so anyway.
  @Test
  void whatOtherBuildersKnowIsTakenWhereItAsksForWhatJbuildDoes() {
    var run =
        run(
            "--rm",
            "--force-rm=true",
            "--compress",
            "--layers",
            "--provenance=false",
            "--attest=type=provenance,disabled=true",
            "--sbom=false",
            "--format=oci",
            "./no-such-context");

    assertEquals(5, run.code());
    assertTrue(run.err().contains("no-such-context"), run.err());
  }

  @Test
  void commandsHaveTheirLongNamesToo() {
    assertEquals(run("images").out(), run("image", "ls").out());
    assertEquals(run("rmi", "--help").out(), run("image", "rm", "--help").out());
    assertTrue(run("image", "-t", "x").err().contains("image cannot be opened"));
    assertEquals(run("rmi", "--help").out(), run("help", "rmi").out());
  }

  /// The word behind it is the context, never its value.
  @Test
  void anOptionWithAnOptionalValueDoesNotTakeTheNextWord() {
    var run = run("--pull", "./no-such-context");

    assertTrue(run.err().contains("no-such-context"), run.err());
  }

  /// As docker run: its other exit codes are those of what it runs.
  @Test
  void runExitsWith125WhateverJbuildItselfCouldNotDo() {
    assertEquals(125, run("run", "--frobnicate", "image").code());
    assertEquals(125, run("run").code());
  }

  @Test
  void anOutputWithoutAPlaceIsToldBeforeTheBuild() {
    var run = run("-o", "type=oci,dest=/no/such/directory/image.tar", "no-such-context");

    assertEquals(2, run.code());
    assertTrue(run.err().contains("there is no directory /no/such/directory"), run.err());
  }

  @Test
  void withoutAnyWordItExplainsItselfAndFails() {
    var run = run();

    assertEquals(2, run.code());
    assertTrue(run.err().contains("Usage:"), run.err());
    assertEquals(0, run("--help").code());
    assertEquals(run.err(), run("help").out());
  }

  @Test
  void theVersionIsOneLine() {
    var run = run("--version");

    assertEquals(0, run.code());
    assertTrue(run.out().matches("jbuild .*, Java .*\n"), run.out());
    assertEquals(run.out(), run("version").out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "images", "history", "inspect", "tag", "rmi", "save", "load", "prune", "store", "version"
      })
  void everyCommandHasHelp(String command) {
    var run = run(command, "--help");

    assertEquals(0, run.code());
    assertTrue(run.out().startsWith("Usage: jbuild " + command), run.out());
    assertEquals(run.out(), run(command, "-h").out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "images -a --help",
        "prune -f --help",
        "prune -f -h",
        "store du --help",
        "context why --help",
        "tag a b --help",
        "build -t x . --help"
      })
  void helpIsAllThatIsDoneWhereverItIsAskedFor(String line) {
    var words = line.split(" ", -1);
    var run = run(words);

    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().startsWith("Usage: jbuild " + words[0]), run.out());
    assertFalse(directory.resolve("store").toFile().exists());
  }

  @Test
  void theStoreMayBeNamedBeforeAndBehindTheCommand() {
    var other = directory.resolve("other").toString();

    assertEquals(0, run("--root", other, "images", "-q").code());
    assertTrue(directory.resolve("other/index.json").toFile().exists());
    assertEquals(0, run("images", "--root=" + other, "-q").code());
    assertFalse(directory.resolve("store").toFile().exists());
  }

  @Test
  void aFailureHasItsExitCodeAndNoStackTrace() {
    var run = run("history", "nothing");

    assertEquals(7, run.code());
    assertEquals(
        """
        jbuild: there is no image "nothing" in the store
           jbuild images lists what there is
        """,
        run.err());
  }

  @Test
  void debugShowsWhereAFailureCameFrom() {
    assertTrue(run("--debug", "history", "nothing").err().contains("\tat dev.jbuild."));
  }

  /// A mistake of ours: the person sees one line and the file with the rest.
  @Test
  void aBugIsShownAsOneWithoutItsStackTrace() throws Exception {
    var run = new Jbuild(directory).withoutEnvironment().run("images");

    assertEquals(1, run.code());
    assertTrue(run.err().startsWith("jbuild: this is a bug in jbuild: "), run.err());
    assertFalse(run.err().contains("\tat "), run.err());
    var file = Path.of(run.err().replaceAll("(?s).*its details are in (\\S+);.*", "$1"));
    try {
      assertTrue(java.nio.file.Files.readString(file).contains("\tat dev.jbuild."));
    } finally {
      java.nio.file.Files.delete(file);
    }
  }
}
