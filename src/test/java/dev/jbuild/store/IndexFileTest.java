package dev.jbuild.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.ImageFormatException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A document as jbuild writes it is not read as JSON; so it must mean the same.
class IndexFileTest {

  private static final int MUTANTS = 30_000;

  private static final String BEGIN =
      "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
          + "\"manifests\":[";

  private static final String PLAIN =
      "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:"
          + "0123456789abcdef".repeat(4)
          + "\",\"size\":123}";

  private static final String NAMED =
      "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:"
          + "fedcba9876543210".repeat(4)
          + "\",\"size\":7,\"annotations\":{\"org.opencontainers.image.ref.name\":\"a:1\","
          + "\"odd\":\"}],{\\\"\\\\\\u007b\u00fc\"},\"more\":[{},[1,{\"x\":null}]]}";

  private static final String UNKNOWN = "{\"digest\":\"sha3:1\",\"size\":-1}";

  private static String document(String... elements) {
    return BEGIN + String.join(",", elements) + "]}";
  }

  /// What a document is understood as: the elements and how it is written again, or the failure.
  private interface Reading {
    IndexFile read(byte[] bytes) throws ImageFormatException;
  }

  private static String meaning(String document, Reading reading) {
    var text = new StringBuilder();
    try {
      var index = reading.read(document.getBytes(StandardCharsets.UTF_8));
      for (var item : index.items()) {
        text.append(item.text()).append(' ').append(item.name()).append(item.descriptor());
        text.append(item.isDangling()).append('\n');
      }
      return text + new String(index.bytes(), StandardCharsets.UTF_8);
    } catch (ImageFormatException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static void assertMeansTheSame(String document) {
    assertEquals(
        meaning(document, bytes -> IndexFile.foreign(bytes, "it")),
        meaning(document, bytes -> IndexFile.parse(bytes, "it")),
        document);
  }

  @Test
  void isReadAndWrittenAsItStands() throws ImageFormatException {
    var document = document(PLAIN, NAMED, UNKNOWN, PLAIN.replace(":123}", ":1}"));
    assertNotNull(IndexFile.own(document));
    var index = IndexFile.parse(document.getBytes(StandardCharsets.UTF_8), "it");
    assertEquals(
        List.of(PLAIN, NAMED, UNKNOWN, PLAIN.replace(":123}", ":1}")),
        index.items().stream().map(IndexFile.Item::text).toList());
    assertEquals(document, new String(index.bytes(), StandardCharsets.UTF_8));
    assertTrue(index.items().get(1).isNamed("a:1"));
    assertMeansTheSame(document);
    assertMeansTheSame(document());
  }

  @Test
  void whatOthersAddedIsReadAsJson() {
    for (var other :
        List.of(
            document(PLAIN) + "\n",
            document(PLAIN) + "]}",
            document() + "x",
            document(PLAIN).replace("]}", "],\"annotations\":{\"a\":\"b\"}}"),
            document(PLAIN).replace("[", "[ "),
            document(PLAIN, "7", NAMED),
            document("[" + PLAIN + "]"),
            document(PLAIN, PLAIN + PLAIN),
            document(PLAIN, ""),
            document("", PLAIN),
            document(NAMED.replace("7,", "7,\"size\":8,")),
            document(PLAIN.replace(":123}", ":0123}")),
            document(PLAIN.replace(":123}", ":0}")),
            document(PLAIN.replace("f", "F")),
            document(PLAIN.replace(":123}", ":1234567890123456789}")),
            document(NAMED.replace("\u00fc", "\uFFFD")),
            document("{\"a\":\"" + PLAIN),
            document("{}}", "{{}"),
            BEGIN,
            BEGIN + PLAIN,
            "")) {
      assertMeansTheSame(other);
    }
  }

  @Test
  void whateverIsWrongWithItIsFoundAsWell() {
    var random = new Random(7);
    var valid = document(PLAIN, NAMED, PLAIN, UNKNOWN, NAMED);
    var odd = "{}[]\",:\\0a F\u00fc\uFFFD";
    for (int i = 0; i < MUTANTS; i++) {
      var mutant = new StringBuilder(valid);
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        int at = BEGIN.length() / 2 + random.nextInt(mutant.length() - BEGIN.length() / 2);
        var put = String.valueOf(odd.charAt(random.nextInt(odd.length())));
        switch (random.nextInt(3)) {
          case 0 -> mutant.insert(at, put);
          case 1 -> mutant.deleteCharAt(at);
          default -> mutant.replace(at, at + 1, put);
        }
      }
      assertMeansTheSame(mutant.toString());
    }
  }
}
