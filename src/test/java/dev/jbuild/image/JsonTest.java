package dev.jbuild.image;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  private static Object parse(String text) throws ImageFormatException {
    return Json.parse(text.getBytes(UTF_8), "test");
  }

  private static String write(Object value) {
    return new String(Json.write(value), UTF_8);
  }

  private static String refused(byte[] bytes) {
    return assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () ->
            String.valueOf(
                assertThrows(ImageFormatException.class, () -> Json.parse(bytes, "test"))
                    .getMessage()));
  }

  private static String refused(String text) {
    return refused(text.getBytes(UTF_8));
  }

  @Test
  void readsEveryKindOfValueInTheOrderOfTheDocument() throws Exception {
    var value = assertMap(parse(" {\"b\":[1,-2,true,false,null,\"x\\u00e9\"],\"a\":{},\"c\":[]} "));

    assertEquals(List.of("b", "a", "c"), List.copyOf(value.keySet()));
    assertEquals(List.of(1L, -2L, true, false, Json.NULL, "xé"), value.get("b"));
    assertEquals(Map.of(), value.get("a"));
    assertEquals(List.of(), value.get("c"));
  }

  @Test
  void theElementsOfAListCanStayAsTheyAreWritten() throws Exception {
    var text =
        "{\"a\":[1],\"list\":[{\"b\" : [{\"c\":\"]}\"}]}, [ 2"
            + " ],\"x\",1.50,null],\"z\":{\"list\":[3]}}";
    var value = assertMap(Json.parse(text.getBytes(UTF_8), "test", text.length(), "list"));

    assertEquals(List.of("a", "list", "z"), List.copyOf(value.keySet()));
    assertEquals(
        Stream.of("{\"b\" : [{\"c\":\"]}\"}]}", "[ 2 ]", "\"x\"", "1.50", "null")
            .map(Json.Verbatim::new)
            .toList(),
        value.get("list"));
    assertEquals(List.of(1L), value.get("a"));
    assertEquals(Map.of("list", List.of(3L)), value.get("z"));
    assertEquals(text.replace("}, [ 2 ],", "},[ 2 ],"), write(value));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"list\":[{\"a\":1]}",
        "{\"list\":[{\"a\":1,\"a\":2}]}",
        "{\"list\":[{]}",
        "{\"list\":[1}",
        "{\"list\":[{}]",
        "{\"list\":[{}]} 1",
        "{\"list\":[],\"list\":[]}"
      })
  void whatIsNotLookedAtIsJsonAllTheSame(String text) {
    assertThrows(
        ImageFormatException.class,
        () -> Json.parse(text.getBytes(UTF_8), "test", text.length(), "list"));
  }

  private static Map<?, ?> assertMap(Object value) {
    return (Map<?, ?>) value;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1.50,\"b\":[1e9,-0,9223372036854775807,9223372036854775808,0.1E-7]}",
        "\"<a>&b \u2028é😀\\n\\\"\\\\\"",
        "[[],{},[{}],null]",
        "{\"😀é\":\"😀\"}",
      })
  void writesWhatItReadWithTheTextOfNumbersKept(String text) throws Exception {
    assertEquals(text, write(parse(text)));
  }

  @Test
  void escapesOnlyWhatMustBe() {
    assertEquals("\"<>&/é\u007f\\u0001\\t\"", write("<>&/é\u007f\u0001\t"));
  }

  @Test
  void writesHalfASurrogatePairAsTheReplacementCharacter() {
    assertEquals(
        "{\"\uFFFD\":\"a\uFFFDb\uFFFD😀\uFFFD\"}",
        write(Map.of("\uDC80", "a\uDCFFb\uD800😀\uD83D")));
  }

  @Test
  void keepsTheOrderOfTheMapItWrites() {
    var map = new LinkedHashMap<String, Object>();
    map.put("z", 1);
    map.put("a", 2L);

    assertEquals("{\"z\":1,\"a\":2}", write(map));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[1",
        "{\"a\"",
        "{\"a\":}",
        "[1,]",
        "{}{}",
        "{} x",
        "nul",
        "01",
        "+1",
        "NaN",
        "'a'",
        "{a:1}",
        "// c\n{}",
        "\"a\nb\"",
        "[1 2]",
        "\uFEFF{}"
      })
  void refusesWhatIsNotOneJsonValue(String text) {
    assertTrue(refused(text).startsWith("test "));
  }

  @Test
  void refusesAKeyThatComesTwiceHoweverItIsWritten() { // case 40
    assertTrue(refused("{\"a\":1,\"a\":2}").contains("'a'"));
    refused("{\"a\":1,\"\\u0061\":2}");
    refused("[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]");
  }

  @Test
  void takesTheCharacterThatElseStandsForWrongBytes() throws Exception {
    assertEquals("a\uFFFDb", parse("\"a\uFFFDb\""));
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    assertEquals(
        "test is not valid UTF-8", refused(new byte[] {'"', (byte) 0xC1, (byte) 0x81, '"'}));
    refused("\"a\"".getBytes(UTF_16LE));
  }

  @Test
  void refusesHalfASurrogatePair() { // case 45
    assertTrue(refused("[\"\\ud800\"]").contains("surrogate"));
    assertTrue(refused("{\"\\udc80\":1}").contains("surrogate"));
  }

  @Test
  void refusesNestingBombsAndHugeNumbersAtOnce() throws Exception { // case 45
    parse("[".repeat(100) + "]".repeat(100));
    assertTrue(refused("[".repeat(101) + "]".repeat(101)).contains("nested deeper than 100"));
    refused("[".repeat(100_000));
    refused("{\"a\":".repeat(100_000));
    refused("1".repeat(1_000_000));
    refused("1e" + "9".repeat(1_000_000));
    refused("-0." + "1".repeat(101));
  }

  @Test
  void refusesADocumentOverItsLimit() throws Exception { // case 44
    var four = "\"" + "a".repeat(Json.DOCUMENT_LIMIT - 2) + "\"";

    assertEquals(Json.DOCUMENT_LIMIT - 2, ((String) parse(four)).length());
    assertEquals("test is too large: 4194305 bytes, at most 4194304", refused(four + " "));
  }

  @Test
  void readsHundredThousandsOfMembersQuickly() { // case 45
    var text = new StringBuilder("{\"k\":1");
    for (int i = 0; i < 200_000; i++) {
      text.append(",\"k").append(i).append("\":1");
    }

    var map =
        assertTimeoutPreemptively(
            Duration.ofSeconds(5), () -> assertMap(parse(text.append('}').toString())));

    assertEquals(200_001, map.size());
  }

  @Test
  void namesTheMemberThatHasTheWrongType() throws Exception {
    var json = JsonObject.parse("{\"a\":{\"n\":1.5,\"s\":[1],\"x\":null}}".getBytes(UTF_8), "doc");
    var inner = json.requiredObject("a");

    assertEquals(
        "doc: \"a\": \"n\" must be an integer of 64 bits",
        assertThrows(ImageFormatException.class, () -> inner.number("n")).getMessage());
    assertEquals(
        "doc: \"a\": \"s\" must be an array of strings",
        assertThrows(ImageFormatException.class, () -> inner.strings("s")).getMessage());
    assertEquals(
        "doc: \"a\": \"x\" is missing",
        assertThrows(ImageFormatException.class, () -> inner.requiredString("x")).getMessage());
  }
}
