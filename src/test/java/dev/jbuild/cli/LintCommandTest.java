package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jbuild.dockerfile.Rule;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `jbuild lint` and `jbuild build --check`: what is printed, and how it ends.
class LintCommandTest {

  private static final String BAD =
      "FROM alpine:3.22 AS a\nCMD run\nFROM alpine:3.22\nCOPY . $DRI/\nARG DIR\nCOPY x.md $DRI\n";

  @TempDir Path directory;
  private Path context;

  @BeforeEach
  void makeContext() throws IOException {
    context = Files.createDirectory(directory.resolve("context"));
  }

  private Jbuild run(String dockerfile, String... words) throws IOException {
    Files.writeString(context.resolve("Dockerfile"), dockerfile);
    return new Jbuild(directory.resolve("store")).run(words);
  }

  private JsonNode json(String dockerfile, String... more) throws IOException {
    var words = new ArrayList<>(List.of("lint", context.toString(), "--format=json"));
    words.addAll(List.of(more));
    return new ObjectMapper().readTree(run(dockerfile, words.toArray(String[]::new)).out());
  }

  @Test
  void aFindingIsShownWithItsPlaceItsRuleAndHowToMendIt() throws IOException {
    var file = context.resolve("Dockerfile").toString();
    var run = run("FROM scratch\n\n  ENV a b\n", "lint", context.toString());
    assertEquals(
        file
            + ":3:3: LegacyKeyValueFormat: ENV name value is the old form of ENV name=value\n"
            + "   3 |   ENV a b\n"
            + "         ^^^^^^^\n"
            + "   put an = between them, and quotes around a value with blanks\n"
            + "   docs/rules/LegacyKeyValueFormat.md\n",
        run.out());
    assertEquals(file + ": 1 finding\n", run.err());
    assertEquals(3, run.code());
  }

  /// As BuildKit does.
  @Test
  void whatWasFoundBeforeAMistakeIsShownToo() throws IOException {
    var text = "FROM scratch AS A\nENV a b\nCOPY --chmod=9 x /\nCMD y\n";
    var run = run(text, "lint", context.toString());
    assertTrue(run.out().contains(":1:17: StageNameCasing"), run.out());
    assertTrue(run.out().contains(":2:1: LegacyKeyValueFormat"), run.out());
    assertTrue(run.err().contains(": 2 findings"), run.err());
    assertTrue(run.err().contains(":3:14: --chmod"), run.err());
    assertEquals(3, run.code());
    assertEquals(2, json(text).path("findings").size());
    var skipped = run("# check=skip=all\n" + text, "lint", context.toString());
    assertEquals("", skipped.out());
    assertFalse(skipped.err().contains("found"), skipped.err());
  }

  @Test
  void nothingFoundIsZeroAndNoStoreIsMade() throws IOException {
    var run = run("FROM alpine:3.22\nCOPY a $HOME/\n", "lint", context.toString());
    assertEquals("", run.out());
    assertEquals(
        "warning: what depends on these base images was left out, since the store does not have"
            + " them: alpine:3.22\n"
            + context.resolve("Dockerfile")
            + ": nothing found\n",
        run.err());
    assertEquals(0, run.code());
    assertFalse(Files.exists(directory.resolve("store")));
  }

  @Test
  void aFileCanBeNamedWithOrWithoutItsContext() throws IOException {
    Files.writeString(context.resolve("other"), "FROM scratch\nCOPY x.md /\nENV a b\n");
    Files.writeString(context.resolve(".dockerignore"), "*.md\n");
    var other = context.resolve("other").toString();
    var alone = run(BAD, "lint", other);
    assertTrue(alone.out().contains(":3:1: LegacyKeyValueFormat"), alone.out());
    assertFalse(alone.out().contains("CopyIgnoredFile"), alone.out());
    var inContext = run(BAD, "lint", "-f", other, context.toString());
    assertTrue(
        inContext
            .out()
            .contains(
                ":2:6: CopyIgnoredFile: COPY finds no x.md: .dockerignore line 1 (*.md) leaves it"
                    + " out\n"),
        inContext.out());
    assertEquals(2, run(BAD, "lint", "-f", other, other).code());
    var missing = run(BAD, "lint", context.resolve("none").toString());
    assertEquals(3, missing.code());
    assertTrue(missing.err().contains("there is no "), missing.err());
  }

  @Test
  void ignoredFilesAreNotGuessedAtWhereALineTakesSomeBackIn() throws IOException {
    Files.writeString(context.resolve(".dockerignore"), "*\n!a\n");
    assertEquals(0, json("FROM scratch\nCOPY b . /\n").get("findings").size());
    Files.writeString(context.resolve(".dockerignore"), "**\n");
    var text = "FROM scratch AS a\nCOPY . /\nADD ./d/b /\nFROM scratch\nCOPY --from=a d/b /\n";
    var findings = json(text).get("findings");
    assertEquals(2, findings.size());
    assertEquals(
        "ADD finds no ./d/b: .dockerignore line 1 (**) leaves it out",
        findings.get(1).get("message").asText());
    Files.writeString(context.resolve(".dockerignore"), "docs\n");
    assertEquals(0, json("FROM scratch\nCOPY . ../docs2 a/docs /d/\n").get("findings").size());
    assertEquals(1, json("FROM scratch\nCOPY /docs/a /d/\n").get("findings").size());
  }

  /// BuildKit shows both too; the target may be below the mistake, and most of the file unknown.
  @Test
  void whatStandsAboveAMistakeIsLookedAtEvenIfTheRestIsNoDockerfile() throws IOException {
    var text = "from scratch\nENV a b\n\nCOPPY a b\nFROM scratch as late\nENV c d\n";
    var run = run(text, "lint", "--target", "late", context.toString());
    assertTrue(run.out().contains(":2:1: LegacyKeyValueFormat"), run.out());
    assertFalse(run.out().contains("Casing"), run.out());
    assertTrue(run.err().contains(": 1 finding\n"), run.err());
    assertTrue(run.err().contains(":4:1: unknown instruction COPPY\n"), run.err());
    assertEquals(3, run.code());

    var json = json(text);
    assertEquals(1, json.get("findings").size());
    assertEquals("unknown instruction COPPY", json.get("error").get("message").asText());
    assertEquals(4, json.get("error").get("line").asInt());
    assertEquals("COPPY a b", json.get("error").get("source").asText());

    var sarif = run(text, "lint", "--format=sarif", context.toString());
    var of = new ObjectMapper().readTree(sarif.out()).get("runs").get(0);
    assertEquals(1, of.get("results").size());
    var invocation = checked("invocation", of.get("invocations").get(0));
    assertFalse(invocation.get("executionSuccessful").asBoolean());
    var notification = invocation.get("toolExecutionNotifications").get(0);
    assertEquals("error", notification.get("level").asText());
    var place = notification.get("locations").get(0).get("physicalLocation");
    assertEquals(4, place.get("region").get("startLine").asInt());

    assertEquals(3, run("ENV a b\n", "lint", context.toString()).code());
    var other = run("\uFEFF# escape=x\nFROM scratch\nENV a b\n", "lint", context.toString());
    assertEquals("", other.out());
    assertTrue(other.err().contains("escape"), other.err());
  }

  @Test
  void whatIsNoDockerfileIsTheUsualError() throws IOException {
    var run = run("FROM scratch\nCOPPY a b\n", "lint", "--format", "json", context.toString());
    assertEquals(3, run.code());
    assertTrue(run.err().contains(":2:1: unknown instruction COPPY\n"), run.err());
    assertEquals(3, run("# check=x\nFROM scratch\n", "lint", context.toString()).code());
    assertEquals(2, run(BAD, "lint", "--format", "xml", context.toString()).code());
    var elsewhere = run(BAD, "lint", "https://example.org/a.git");
    assertEquals(2, elsewhere.code());
    assertTrue(elsewhere.err().contains("jbuild build --check looks into"), elsewhere.err());
  }

  @Test
  void aBuildThatOnlyChecksSaysTheSame() throws IOException {
    var lint = run(BAD, "lint", "--target", "a", context.toString());
    for (var option : List.of("--check", "--call=check", "--call=lint")) {
      var check = run(BAD, "build", option, "--target", "a", "-t", "x:1", context.toString());
      assertEquals(3, check.code());
      assertEquals(lint.out(), check.out());
    }
    assertFalse(Files.exists(directory.resolve("store")));
  }

  @Test
  void aContextThatIsAnArchiveIsLookedInto() throws IOException {
    var header = new byte[1024];
    var name = "Dockerfile".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(name, 0, header, 0, name.length);
    put(header, 100, "0000644");
    put(header, 124, "00000000025"); // 21 bytes
    put(header, 148, "        ");
    int sum = 0;
    for (byte each : header) {
      sum += each & 0xff;
    }
    put(header, 148, String.format("%06o", sum) + "\0");
    put(header, 512, "FROM scratch\nENV a b\n");
    var tar = Files.write(directory.resolve("context.tar"), Arrays.copyOf(header, 2048));
    var run = run(BAD, "--check", tar.toString());
    assertEquals(3, run.code());
    assertTrue(run.out().startsWith("Dockerfile:2:1: LegacyKeyValueFormat: "), run.err());
  }

  private static void put(byte[] block, int at, String text) {
    var bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  @Test
  void optionsOfABuildDecideWhatIsFound() throws IOException {
    var text = "ARG TAG\nFROM alpine:$TAG\nARG DEST\nCOPY a $DEST\n";
    assertEquals(1, json(text).get("findings").size());
    var known = json(text, "--build-arg", "TAG=latest", "--platform", "linux/arm64");
    assertEquals(2, known.get("findings").size());
    assertEquals("docker.io/library/alpine:latest", known.get("unknownImages").get(0).asText());
  }

  @Test
  void theJsonFormIsStable() throws IOException {
    var document = json("FROM scratch\nENV a b\n");
    assertEquals(List.of("version", "dockerfile", "findings", "unknownImages"), names(document));
    assertEquals(1, document.get("version").asInt());
    assertEquals(
        new ObjectMapper()
            .readTree(
                """
                {"rule": "LegacyKeyValueFormat", "kind": "buildkit", "level": "warning",
                 "message": "ENV name value is the old form of ENV name=value", "file": "FILE",
                 "line": 2, "column": 1, "endLine": 2, "endColumn": 8, "source": "ENV a b",
                 "advice": "put an = between them, and quotes around a value with blanks",
                 "page": "docs/rules/LegacyKeyValueFormat.md",
                 "link": "https://docs.docker.com/go/dockerfile/rule/legacy-key-value-format/"}
                """
                    .replace("FILE", context.resolve("Dockerfile").toString())),
        document.get("findings").get(0));
  }

  /// Reliability case 81.
  @Test
  void aPasswordInAnAddressIsNotShown() throws IOException {
    var text =
        """
        FROM scratch
        COPY . .
        RUN pip install -i https://u:p4ss@h/ -r r.txt
        ENV A https://u:p4ss@h/ $B
        """;
    for (var format : List.of("text", "json", "sarif")) {
      var run = run(text, "lint", "--format", format, context.toString());
      assertTrue(run.out().contains("CopyBeforeInstall"), run.out());
      assertFalse(run.out().contains("p4ss"), run.out());
    }
  }

  /// Of the schema of SARIF 2.1.0: the members that our objects may have, those that they must have
  /// first, up to `|`.
  private static final Map<String, String> SARIF =
      Map.of(
          "log", "version runs|$schema",
          "run", "tool|invocations columnKind results",
          "invocation", "executionSuccessful|toolExecutionNotifications",
          "driver", "name|version rules",
          "rule", "id|name shortDescription fullDescription help helpUri defaultConfiguration",
          "configuration", "|enabled level",
          "message", "text|markdown",
          "result", "message|ruleId ruleIndex level locations partialFingerprints",
          "place", "artifactLocation|region",
          "region", "|startLine startColumn endLine endColumn");

  @Test
  void theReportForCodeScanningIsSarif() throws IOException {
    var run = run(BAD, "lint", "--format=sarif", context.toString());
    assertEquals(3, run.code());
    var log = checked("log", new ObjectMapper().readTree(run.out()));
    assertEquals("2.1.0", log.get("version").asText());
    assertEquals(1, log.get("runs").size());
    var sarif = checked("run", log.get("runs").get(0));
    assertEquals("utf16CodeUnits", sarif.get("columnKind").asText());
    sarif.get("invocations").forEach(each -> checked("invocation", each));
    var rules = checked("driver", sarif.get("tool").get("driver")).get("rules");
    assertEquals(Rule.values().length, rules.size());
    rules.forEach(LintCommandTest::checkRule);
    assertTrue(sarif.get("results").size() >= 2, run.out());
    var fingerprints = new HashSet<String>();
    for (var result : sarif.get("results")) {
      checkResult(result, rules);
      assertTrue(fingerprints.add(result.get("partialFingerprints").elements().next().asText()));
    }
  }

  private static void checkRule(JsonNode rule) {
    checked("rule", rule);
    checked("message", rule.get("shortDescription"));
    checked("message", rule.get("fullDescription"));
    checked("message", rule.get("help"));
    assertTrue(URI.create(rule.get("helpUri").asText()).isAbsolute());
    var level = checked("configuration", rule.get("defaultConfiguration")).get("level").asText();
    assertTrue(Set.of("none", "note", "warning", "error").contains(level));
  }

  private void checkResult(JsonNode result, JsonNode rules) {
    checked("result", result);
    checked("message", result.get("message"));
    int index = result.get("ruleIndex").asInt();
    assertEquals(rules.get(index).get("id").asText(), result.get("ruleId").asText());
    assertTrue(Set.of("note", "warning").contains(result.get("level").asText()));
    assertEquals(1, result.get("locations").size());
    var place = checked("place", result.get("locations").get(0).get("physicalLocation"));
    var uri = URI.create(place.get("artifactLocation").get("uri").asText());
    assertEquals(context.resolve("Dockerfile"), Path.of(uri));
    var region = checked("region", place.get("region"));
    assertTrue(region.get("startLine").asInt() >= 1 && region.get("startColumn").asInt() >= 1);
    assertTrue(region.get("endLine").asInt() >= region.get("startLine").asInt());
  }

  private static JsonNode checked(String kind, JsonNode object) {
    var members = SARIF.getOrDefault(kind, "").split("\\|", -1);
    var required = words(members[0]);
    var names = names(object);
    assertTrue(names.containsAll(required), kind + ": " + names);
    names.removeAll(required);
    names.removeAll(words(members[1]));
    assertEquals(List.of(), names, kind + ": members that the schema does not have here");
    return object;
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" "));
  }

  private static List<String> names(JsonNode object) {
    var names = new ArrayList<String>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /// A path below the working directory is relative, with what a URI cannot hold escaped.
  @Test
  void aPathBelowTheWorkingDirectoryIsRelative() throws IOException {
    var below = Files.createTempDirectory(Path.of("target"), "lint it");
    try {
      Files.writeString(below.resolve("Dockerfile"), "FROM scratch\nENV a b\n");
      var run =
          new Jbuild(directory.resolve("store")).run("lint", "--format=sarif", below.toString());
      var uri =
          new ObjectMapper()
              .readTree(run.out())
              .at("/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri")
              .asText();
      assertEquals(below.toString().replace(" ", "%20") + "/Dockerfile", uri);
    } finally {
      Files.delete(below.resolve("Dockerfile"));
      Files.delete(below);
    }
  }
}
