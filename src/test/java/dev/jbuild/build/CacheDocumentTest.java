package dev.jbuild.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What of a build others are told.
class CacheDocumentTest {

  private static BuildRecord.Entry step(int number, Map<String, String> inputs) {
    return new BuildRecord.Entry(
        new BuildRecord.Step("stage-0", number, "RUN x", new TreeMap<>(inputs)),
        BuildRecord.Outcome.MADE,
        "");
  }

  @Test
  void aValueInWhichASecretIsBecomesADigest() {
    var url = "postgres://u:hush@h";
    var inputs =
        Map.of("$DB_PASSWORD", "hush", "$CONNECTION", "h hush", "$PORT", "5432", "argv", "run");
    var build =
        new BuildRecord(
            new BuildRecord.What("file", "dir", "", "linux/amd64"),
            List.of(step(1, inputs), step(2, Map.of("$DB_URL", url, "$COPY", "not hush"))),
            List.of(),
            List.of());

    var told = CacheDocument.outgoing(build).steps();

    assertEquals(
        Map.of(
            "$DB_PASSWORD", CacheDocument.masked("hush"),
            "$CONNECTION", CacheDocument.masked("h hush"),
            "$PORT", "5432",
            "argv", CacheDocument.masked("run")),
        told.get(0).step().inputs());
    assertEquals(
        Map.of("$DB_URL", CacheDocument.masked(url), "$COPY", CacheDocument.masked("not hush")),
        told.get(1).step().inputs());
  }
}
