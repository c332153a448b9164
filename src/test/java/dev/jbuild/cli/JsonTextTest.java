package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTextTest {

  @Test
  void manyLinesAreIndentedByFour() {
    var value = new LinkedHashMap<String, Object>();
    value.put("a", List.of("x", 1L));
    value.put("b", Map.of());
    value.put("c", Nothing.LIST);

    assertEquals(
        """
        [
            {
                "a": [
                    "x",
                    1
                ],
                "b": {},
                "c": null
            }
        ]\
        """,
        JsonText.pretty(List.of(new Fields(value))));
    assertEquals("[]", JsonText.pretty(List.of()));
  }

  /// Reliability case 85: nothing in it moves a cursor, and yet it means the same.
  @Test
  void controlCharactersAreEscapedAndStillMeanTheSame() throws IOException {
    var text = "\u001b[2J\u009b\u007f\u202e\u2028\ud83c\udf89\udb40\udc41é";

    var json = JsonText.compact(text);

    assertTrue(json.chars().noneMatch(c -> c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x202e));
    assertTrue(json.contains("🎉é") || json.contains("é"), json);
    assertEquals(text, Json.parse(json.getBytes(StandardCharsets.UTF_8), "it"));
  }
}
