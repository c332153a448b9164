package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Console;
import dev.jbuild.console.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Progress that programs read: `--progress json` and `rawjson`.
class ProgramProgressTest {

  private static final BuildEvent.Step MAKE = new BuildEvent.Step("build 1", "RUN make");
  private static final BuildEvent.Step COPY = new BuildEvent.Step("build 2", "COPY . /src");

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Console console =
      new Console(new ByteArrayOutputStream(), err, false, false, () -> 0);

  private List<JsonNode> printed(Progress progress) throws IOException {
    progress.on(new BuildEvent.Started(MAKE));
    output(progress, "h\u00e9llo\nre".getBytes(StandardCharsets.UTF_8), 2);
    progress.on(new BuildEvent.Moved(COPY, 5, 10));
    progress.on(new BuildEvent.Moved(COPY, 6, -1));
    progress.on(new BuildEvent.Looked(COPY, 20, 3));
    progress.on(new BuildEvent.Waiting(COPY, "for a lock"));
    progress.on(new BuildEvent.Warning("careful"));
    var failed = BuildEvent.Outcome.FAILED;
    progress.on(new BuildEvent.Finished(MAKE, failed, Duration.ofMillis(240), "note"));
    var cached = BuildEvent.Outcome.CACHED;
    progress.on(new BuildEvent.Finished(COPY, cached, Duration.ofSeconds(1), ""));
    progress.close();
    console.flush();
    var lines = new ArrayList<JsonNode>();
    for (var line : err.toString(StandardCharsets.UTF_8).lines().toList()) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  /// In two pieces, parted in the middle of a character.
  private static void output(Progress progress, byte[] bytes, int at) {
    progress.on(new BuildEvent.Output(MAKE, Arrays.copyOf(bytes, at)));
    var rest = Arrays.copyOfRange(bytes, at, bytes.length);
    progress.on(new BuildEvent.Output(MAKE, rest));
  }

  @Test
  void everyEventIsAnObjectOnALine() throws IOException {
    var lines = printed(new JsonProgress(console));
    var shown = lines.stream().map(JsonNode::toString).toList();
    var make = "\"step\":\"build 1\",\"text\":\"RUN make\"";
    var copy = "\"step\":\"build 2\",\"text\":\"COPY . /src\"";
    assertEquals(
        List.of(
            "{\"event\":\"started\"," + make + "}",
            "{\"event\":\"output\"," + make + ",\"line\":\"h\u00e9llo\"}",
            "{\"event\":\"moved\"," + copy + ",\"bytes\":5,\"total\":10}",
            "{\"event\":\"moved\"," + copy + ",\"bytes\":6}",
            "{\"event\":\"looked\"," + copy + ",\"listed\":20,\"read\":3}",
            "{\"event\":\"waiting\"," + copy + ",\"reason\":\"for a lock\"}",
            "{\"event\":\"warning\",\"message\":\"careful\"}",
            "{\"event\":\"output\"," + make + ",\"line\":\"re\"}",
            "{\"event\":\"finished\","
                + make
                + ",\"outcome\":\"failed\",\"milliseconds\":240,\"note\":\"note\"}",
            "{\"event\":\"finished\"," + copy + ",\"outcome\":\"cached\",\"milliseconds\":1000}"),
        shown);
  }

  /// Whatever a step prints, no more of it is kept than a piece: what came is told before its end.
  @Test
  void aLineWithoutEndIsToldInPieces() throws IOException {
    var progress = new JsonProgress(console);
    var bytes = "\u00e9\r".repeat(100).getBytes(StandardCharsets.UTF_8);
    int total = 0;
    for (; total < 1 << 18; total += bytes.length) {
      progress.on(new BuildEvent.Output(MAKE, bytes));
    }
    console.flush();
    int told = 0;
    for (var line : err.toString(StandardCharsets.UTF_8).lines().toList()) {
      var piece = new ObjectMapper().readTree(line).get("line").asText();
      assertFalse(piece.contains("\ufffd"), "no character is parted");
      told += piece.getBytes(StandardCharsets.UTF_8).length;
    }
    assertTrue(total - told <= 1 << 15, total + " came, " + told + " were told");
  }

  @Test
  void theRawFormIsDockers() throws IOException {
    var now = Instant.parse("2026-01-02T03:04:05Z");
    var lines = printed(new StatusProgress(console, Clock.fixed(now, ZoneOffset.UTC)));
    var started = lines.get(0).get("vertexes").get(0);
    assertEquals("[build 1] RUN make", started.get("name").asText());
    assertEquals(now.toString(), started.get("started").asText());
    assertFalse(started.has("completed"));
    var log = lines.get(1).get("logs").get(0);
    assertEquals(started.get("digest"), log.get("vertex"));
    assertEquals(2, Base64.getDecoder().decode(log.get("data").asText()).length);
    var moved = lines.get(3).get("statuses").get(0);
    assertEquals("5/10", moved.get("current") + "/" + moved.get("total"));
    var warning = lines.get(7).get("warnings").get(0).get("short").asText();
    assertEquals(
        "careful", new String(Base64.getDecoder().decode(warning), StandardCharsets.UTF_8));
    var failed = lines.get(8).get("vertexes").get(0);
    assertEquals("failed", failed.get("error").asText());
    var cached = lines.get(9).get("vertexes").get(0);
    assertTrue(cached.get("cached").asBoolean() && cached.has("completed"));
    assertEquals(now.minusSeconds(1).toString(), cached.get("started").asText());
  }

  /// Notes, warnings, failures and the end have the form of the events.
  @Test
  void aProgramMeetsNothingElseOnStandardError(@TempDir Path temp) throws IOException {
    var good = "# syntax=other/frontend\nFROM scratch\nENV a 1\nLABEL a=$b\n";
    for (var form : List.of("json", "rawjson")) {
      var built = build(temp, form, good);
      assertEquals(0, built.code(), built.err());
      var last = objects(built.err()).getLast();
      if (form.equals("json")) {
        assertEquals("built", last.get("event").asText());
        assertTrue(last.get("image").asText().startsWith("sha256:"), last.toString());
        assertEquals(0, last.get("layers").asInt(-1));
      } else {
        assertTrue(last.get("vertexes").get(0).get("name").asText().startsWith("image  sha256:"));
      }
      var failed = build(temp, form, "FROM scratch\nRUN --no true\n");
      assertEquals(3, failed.code(), failed.err());
      var why = objects(failed.err()).getLast();
      if (form.equals("json")) {
        assertEquals("failure", why.get("event").asText());
        assertEquals("2:5", why.at("/where/line") + ":" + why.at("/where/column"));
        assertTrue(why.get("message").asText().contains("--no"), why.toString());
      } else {
        var text = why.get("vertexes").get(0).get("error").asText();
        assertTrue(text.contains("Dockerfile:2:5: "), text);
      }
    }
  }

  private static Jbuild build(Path temp, String form, String dockerfile) throws IOException {
    var context = Files.createDirectories(temp.resolve("context"));
    Files.writeString(context.resolve("Dockerfile"), dockerfile);
    return new Jbuild(temp.resolve("store")).run("build", "--progress", form, context.toString());
  }

  private static List<JsonNode> objects(String lines) throws IOException {
    var objects = new ArrayList<JsonNode>();
    for (var line : lines.lines().toList()) {
      objects.add(new ObjectMapper().readTree(line));
    }
    return objects;
  }
}
