package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jbuild.Campaign;
import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.dockerfile.RandomDockerfile;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Source;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// `jbuild parse` of whatever is a Dockerfile writes a JSON document that holds its lines.
class ParsePropertyTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void everyDockerfileIsADocument() {
    Campaign.run("parse as JSON", 1_500, ParsePropertyTest::isADocument);
  }

  private static void isADocument(Random random) {
    var text = RandomDockerfile.any(random);
    Dockerfile file;
    try {
      file = Dockerfile.parse(new Source("Dockerfile", text));
    } catch (BuildFailure _) {
      return;
    }
    var out = new ByteArrayOutputStream();
    try (var stream = new PrintStream(out, false, StandardCharsets.UTF_8)) {
      new ParseDocument(file).write(stream);
    }
    JsonNode document;
    try {
      document = JSON.readTree(out.toString(StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new AssertionError(text, e);
    }
    var instructions = document.at("/instructions");
    assertEquals(file.instructions().size(), instructions.size(), text);
    for (var instruction : instructions) {
      var lines =
          file.source()
              .lines(instruction.at("/startLine").asInt(), instruction.at("/endLine").asInt());
      boolean text8 = lines.chars().noneMatch(c -> Character.isSurrogate((char) c));
      assertTrue(!text8 || lines.equals(instruction.at("/text").asText()), text);
    }
  }
}
