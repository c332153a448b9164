package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Lint runs and what builds say of a Dockerfile.
class LintIT {

  @RegisterExtension final Workbench bench = new Workbench();

  @Test
  void aBuildWarnsOnceAndCheckOptionsDecideOfWhat() {
    bench.file("f", "x");
    bench.dockerfile(
        """
        FROM scratch AS a
        ENV k v
        COPY --link f /opt
        FROM a
        FROM a AS Last
        # check=skip=all
        ENV k w
        """);
    var built = bench.jbuild("context").succeeds();
    assertEquals(
        3, built.err().lines().filter(line -> line.startsWith("warning: ")).count(), built.err());
    built
        .saysOnError(
            "warning: Dockerfile:2:1: ENV name value is the old form of ENV name=value"
                + " (LegacyKeyValueFormat)")
        .saysOnError("(LinkedCopyOntoDirectory)")
        .saysOnError("(StageNameCasing)");
    // An error before the first step; nothing is tagged, and the findings are shown first.
    var error = "BUILDKIT_DOCKERFILE_CHECK=error=true";
    var failed = bench.jbuild("-t", "it:1", "--build-arg", error, "context").failsWith(3);
    failed
        .saysOnError("(StageNameCasing)")
        .saysOnError("Dockerfile:2:1: the check options make errors of what the lint rules found:")
        .saysOnError("LegacyKeyValueFormat, StageNameCasing");
    assertFalse(failed.err().contains("a 2  COPY"), failed.err());
    bench.jbuild("inspect", "it:1").failsWith(7);
    var skipped = error + ";skip=LegacyKeyValueFormat,StageNameCasing";
    var quiet = bench.jbuild("--build-arg", skipped, "context").succeeds();
    assertEquals(
        1, quiet.err().lines().filter(line -> line.startsWith("warning: ")).count(), quiet.err());
    quiet.saysOnError("(LinkedCopyOntoDirectory)"); // ours is no error
  }

  /// Without user ids and without changing the store that it asks about bases.
  @Test
  void anOrdinaryUserMayLintWithTheStoreOfHisBuilds() {
    bench.as(Workbench.Who.USER).base();
    bench.dockerfile("FROM base:latest\nRUN echo\n");
    bench.jbuild("-q", "context").succeeds();
    var before = bench.sh("find store -printf '%p %s %T@\\n' | sort").text();
    var text = "FROM base:latest\nCOPY $HOEM /\nCOPY $NO /\n";
    bench
        .jbuild(text.getBytes(StandardCharsets.UTF_8), "lint", "-")
        .failsWith(3)
        .prints("Dockerfile:2:6: UndefinedVar: no variable is called $HOEM\n")
        .prints("Dockerfile:3:6: UndefinedVar: no variable is called $NO\n");
    assertEquals(before, bench.sh("find store -printf '%p %s %T@\\n' | sort").text());
  }

  @Test
  void secretsByMistakeAreToldAndProxiesLeaveNoTrace() { // case 80
    bench.base();
    bench.dockerfile(
        "FROM base:latest\nARG TOKEN\nENV AWS_SECRET_ACCESS_KEY=x\nRUN echo $HTTP_PROXY\n");
    var proxy = "HTTP_PROXY=http://us3r:p4ss@127.0.0.1:9";
    bench
        .jbuild("-t", "it:1", "--build-arg", proxy, "context")
        .succeeds()
        .saysOnError("Dockerfile:2:5: ARG TOKEN seems to hold a secret")
        .saysOnError("Dockerfile:3:5: ENV AWS_SECRET_ACCESS_KEY seems to hold a secret")
        .saysOnError("(SecretsUsedInArgOrEnv)");
    assertFalse(bench.jbuild("history", "--no-trunc", "it:1").succeeds().out().contains("us3r"));
    assertFalse(bench.inspect("it:1").toString().contains("us3r"));
    // The log of a step is what the step printed; here it printed the proxy.
    var places = "--exclude-dir=logs store/blobs store/cache store/builds";
    assertEquals("", bench.sh("grep -rla p4ss " + places + " || true").text());
    // Another proxy is no reason to run the step again.
    bench
        .jbuild("--build-arg", "HTTP_PROXY=http://127.0.0.1:8", "context")
        .succeeds()
        .saysOnError("RUN echo $HTTP_PROXY  cached");
  }
}
