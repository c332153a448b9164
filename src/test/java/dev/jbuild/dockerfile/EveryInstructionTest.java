package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is the same in all instructions, or in all of some, section by section of the reference.
class EveryInstructionTest {

  @ParameterizedTest(name = "1.6 {0} knows no --foo")
  @CsvSource(
      delimiter = '|',
      value = {
        "ADD|a b",
        "CMD|a",
        "COPY|a b",
        "ENTRYPOINT|a",
        "ENV|a=b",
        "EXPOSE|1",
        "FROM|a",
        "HEALTHCHECK|CMD a",
        "LABEL|a=b",
        "MAINTAINER|a",
        "ONBUILD|RUN a",
        "RUN|a",
        "SHELL|[\"a\"]",
        "USER|a",
        "VOLUME|/a",
        "WORKDIR|/a",
      })
  void anUnknownFlagIsRefused(String keyword, String arguments) {
    var said = Dockerfiles.failure("FROM x\n" + keyword + " --foo " + arguments);
    assertTrue(said.contains(keyword + " has the unknown flag --foo"), said);
  }

  @ParameterizedTest(name = "1.6 {0} ignores flags")
  @CsvSource(
      delimiter = '|',
      value = {"ARG|a|ARG a", "STOPSIGNAL|9|STOPSIGNAL [9]", "HEALTHCHECK|NONE|HEALTHCHECK NONE"})
  void flagsAreIgnored(String keyword, String arguments, String meaning) {
    assertEquals(meaning, Dockerfiles.summary(keyword + " --foo --bar=x " + arguments));
  }

  @ParameterizedTest(name = "1.7 {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "ADD",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "HEALTHCHECK CMD",
        "ONBUILD RUN",
        "ONBUILD HEALTHCHECK CMD",
        "RUN",
        "SHELL",
        "VOLUME",
      })
  void anArrayWithANumberIsRefused(String start) {
    var said = Dockerfiles.failure("FROM x\n" + start + " [\"a\", 1, \"b\"]");
    assertTrue(said.contains("has a JSON array whose elements are not all strings"), said);
    assertTrue(said.startsWith("Dockerfile:2:" + (start.length() + 8) + ": "), said);
  }

  @ParameterizedTest(name = "1.7 {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "CMD|sh{['a', 1]}",
        "ENTRYPOINT|sh{['a', 1]}",
        "RUN|sh{['a', 1]}",
        "HEALTHCHECK CMD|sh{['a', 1]}",
        "ADD|[['a',] -> [1]]",
        "COPY|[['a',] -> [1]]",
        "VOLUME|[['a',] [1]]",
      })
  void whatIsNoJsonIsText(String start, String meaning) {
    var keyword = start.split(" ", 2)[0];
    assertEquals(keyword + " " + meaning, Dockerfiles.summary(start + " ['a', 1]"));
  }

  @ParameterizedTest(name = "1.5 {0}")
  @CsvSource({
    "add a b",
    "Arg a",
    "cMD a",
    "coPY a b",
    "entryPoint a",
    "env a=b",
    "expose 1",
    "healthcheck none",
    "label a=b",
    "maintainer a",
    "onbuild run a",
    "run a",
    "stopsignal 9",
    "user a",
    "volume /a",
    "workdir /a"
  })
  void anyLettersWillDo(String text) {
    int blank = text.indexOf(' ');
    var upper = text.substring(0, blank).toUpperCase(java.util.Locale.ROOT) + text.substring(blank);
    assertEquals(Dockerfiles.summary(upper), Dockerfiles.summary(text));
    assertEquals(
        Dockerfiles.summary(upper),
        Dockerfiles.summary(" \t" + text.replaceFirst(" ", " \\\\\n# c\n")));
  }
}
