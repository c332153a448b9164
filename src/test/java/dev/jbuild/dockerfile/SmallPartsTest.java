package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// JSON arrays, durations and suggestions by themselves.
class SmallPartsTest {

  @ParameterizedTest(name = "1.7 {0} is no JSON array")
  @ValueSource(
      strings = {
        "",
        "a",
        "[",
        "[1",
        "[\"a\"",
        "[\"a]",
        "[\"a\" \"b\"]",
        "[,]",
        "[\"a\",]",
        "[01]",
        "[1.]",
        "[.5]",
        "[+1]",
        "[1e]",
        "[-]",
        "[tru]",
        "[True]",
        "[{]",
        "[{\"a\"}]",
        "[{\"a\":}]",
        "[{\"a\":1,}]",
        "[{1:2}]",
        "[[}]",
        "[{\"a\":1]]",
        "[\"\\x\"]",
        "[\"\\u12\"]",
        "[\"\\u12g4\"]",
        "[\"\\u123",
        "[\"\\",
        "[\"a\nb\"]",
        "[] x",
        "[][]",
        "['a']",
        "[\u00a0]",
      })
  void textThatIsNoJsonArray(String text) {
    assertEquals(Optional.empty(), JsonArray.parse(text));
  }

  @ParameterizedTest(name = "1.7 {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[]|~~",
        "[ \"a\" , \"\" ]|a,",
        "[1,-0.5e+3,0]|1,-0.5e+3,0",
        "[true, false ,null]|true,false,null",
        "[[[]], {\"a\" : [1 , {}] }]|[[]],{\"a\" : [1 , {}] }",
        "[\"\\u00e9\\u20AC\"]|é€",
        "[\"\\ud83d\\ude00\"]|\uD83D\uDE00",
        "[\"\\ud83dx\"]|\uFFFDx",
        "[\"\\udc80\"]|\uFFFD",
        "[\"\\ud83d\\u0041\"]|\uFFFDA",
        "[\"\\ud83d\"]|\uFFFD",
      })
  void elementsOfAJsonArray(String text, String elements) {
    var parsed = JsonArray.parse(text).orElseThrow();
    assertEquals(elements, String.join(",", parsed.stream().map(JsonArray.Element::text).toList()));
  }

  @Test
  void allShortEscapes() {
    assertEquals(
        "\b\f\n\r\t/\\\"",
        JsonArray.parse("[\"\\b\\f\\n\\r\\t\\/\\\\\\\"\"]").orElseThrow().getFirst().text());
  }

  @Test
  void bracketsMayBeNestedWithoutLimit() {
    int deep = 200_000;
    var array = JsonArray.parse("[".repeat(deep) + "]".repeat(deep)).orElseThrow();
    assertEquals(false, array.getFirst().isString());
  }

  @ParameterizedTest(name = "8 {0} is a duration")
  @CsvSource({
    "0,PT0S",
    "-0,PT0S",
    "1s,PT1S",
    "1h2m3s,PT1H2M3S",
    "59s90ms,PT59.09S",
    "1.5s,PT1.5S",
    ".5s,PT0.5S",
    "1.s,PT1S",
    "1s1s,PT2S",
    "-1m,PT-1M",
    "+3ms,PT0.003S",
    "1us,PT0.000001S",
    "1µs,PT0.000001S",
    "1μs,PT0.000001S",
    "1ns,PT0.000000001S",
    "0.3ns,PT0S",
    "2540400h,PT2540400H"
  })
  void durationsAreReadAsGoReadsThem(String text, String duration) {
    assertEquals(Optional.of(Duration.parse(duration)), Durations.parse(text));
  }

  @ParameterizedTest(name = "8 {0} is no duration")
  @ValueSource(
      strings = {
        "",
        "1",
        "s",
        ".s",
        "1 s",
        "1S",
        "1d",
        "1s ",
        "-",
        "1..s",
        "1e3s",
        "١s",
        "3000000h"
      })
  void textThatIsNoDuration(String text) {
    assertEquals(Optional.empty(), Durations.parse(text));
    assertEquals(Optional.empty(), Durations.parse(text + "1".repeat(1000) + "s"));
  }

  @ParameterizedTest(name = "1.5 {0} is meant as {1}")
  @CsvSource({
    "FORM,FROM",
    "RUNN,RUN",
    "COPPY,COPY",
    "ENTRYPONT,ENTRYPOINT",
    "HELTHCHEK,HEALTHCHECK"
  })
  void aSlipOfTheFingerIsRecognised(String typed, String meant) {
    assertEquals(Optional.of(meant), Suggestion.of(typed, Keyword.names()));
  }

  @ParameterizedTest(name = "1.5 {0} is not near anything")
  @ValueSource(strings = {"INCLUDE", "X", "", "SOMETHINGTHATISFARTOOLONGTOBEANYTHINGELSE"})
  void anotherWordIsNot(String typed) {
    assertEquals(Optional.empty(), Suggestion.of(typed, Keyword.names()));
  }

  @Test
  void theNearestOneIsSuggested() {
    assertEquals(Optional.of("mode"), Suggestion.of("mod", List.of("id", "mode", "uid")));
  }
}
