package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// SOURCE_DATE_EPOCH (dockerfile-rules.md 10).
class SourceDateTest {

  private static final String HEX = "0123456789abcdef".repeat(4);

  private static PlanBench named(String name, String dockerfile) {
    return PlanBench.of(dockerfile).args("SOURCE_DATE_EPOCH=" + name);
  }

  @Test
  void aNumberIsATime() {
    var text = "FROM scratch\n";
    assertEquals(OptionalLong.empty(), PlanBench.of(text).plan().clamp());
    assertEquals(OptionalLong.empty(), named("", text).plan().clamp());
    assertEquals(OptionalLong.of(1700000000), named("1700000000", text).plan().clamp());
    var global = PlanBench.of("ARG SOURCE_DATE_EPOCH=0\n" + text);
    assertEquals(OptionalLong.of(0), global.plan().clamp());
    assertEquals(Optional.of(new Clamp.At(0)), global.clamp());
    for (var wrong : List.of("-1", "x", "1.5", "253402300800", "99999999999999999999")) {
      assertTrue(named(wrong, text).failure().message().contains("is not a time"), wrong);
    }
  }

  @Test
  void aContextMayHaveATime() {
    var text = "FROM scratch AS app\n";
    assertEquals(
        Optional.of(new Clamp.OfContext(Optional.empty())), named("context", text).clamp());
    for (var name : List.of("app", "app:latest")) { // before a stage of that name
      assertEquals(
          Optional.of(new Clamp.OfContext(Optional.of("app"))),
          named(name, text).context("app", new NamedContext.Files()).clamp());
    }
  }

  @Test
  void aStageOfOneRemoteAddHasItsTime() {
    var text =
        """
        ARG HOST=h SUM
        FROM ${HOST:+scratch} AS Src
        ARG HOST FILE=f.tar
        ADD --checksum=$SUM http://$HOST/$FILE$SOURCE_DATE_EPOCH /x
        FROM scratch
        """;
    var clamp = named("SRC", text).args("HOST=other").clamp().orElseThrow();
    var source = (Clamp.OfSource) clamp;
    var url = (CopySource.Url) source.source();
    assertEquals("http://other/f.tar", url.url());
    assertEquals(4, url.span().line());
    assertEquals(Optional.empty(), source.checksum());
    var sum = (Clamp.OfSource) named("src", text).args("SUM=sha256:" + HEX).clamp().orElseThrow();
    assertEquals(Optional.of("sha256:" + HEX), sum.checksum());
    var git =
        (Clamp.OfSource)
            named("g", "FROM scratch AS g\nADD --keep-git-dir=true https://h/r.git /\n")
                .clamp()
                .orElseThrow();
    assertTrue(git.source() instanceof CopySource.Git, git.toString());
    assertEquals(Optional.of(true), git.keepGitDir());
  }

  @Test
  void anyOtherStageIsRefusedWithItsPlace() {
    var add = "ADD http://h/f /\n";
    Map.of(
            "FROM base AS s\n" + add,
            1,
            "FROM scratch AS s\n",
            1,
            "FROM scratch AS s\n" + add + add,
            3,
            "FROM scratch AS s\n" + add + "RUN x\n",
            3,
            "FROM scratch AS s\nADD f /\n",
            2,
            "FROM scratch AS s\nADD http://h/a http://h/b /d/\n",
            2,
            "FROM scratch AS s\nADD http://h/a <<E /d/\nE\n",
            2)
        .forEach(
            (text, line) -> {
              var failure = assertThrows(BuildFailure.class, () -> named("s", text).clamp());
              assertTrue(failure.message().contains("FROM scratch with one remote ADD"), text);
              assertEquals(line, failure.where().orElseThrow().line(), text);
            });
  }

  @Test
  void argSeesTheTimeAndNotItsName() {
    var text =
        "ARG SOURCE_DATE_EPOCH\nFROM scratch\nARG SOURCE_DATE_EPOCH\nLABEL t=$SOURCE_DATE_EPOCH\n";
    var request = named("context", text).request();
    assertEquals("5", label(request.at(OptionalLong.of(5))));
    assertEquals("", label(request.at(OptionalLong.empty())));
    var global = PlanBench.of(text.replaceFirst("EPOCH", "EPOCH=context")).request();
    assertEquals("5", label(global.at(OptionalLong.of(5))));
    assertEquals(OptionalLong.of(5), plan(global.at(OptionalLong.of(5))).clamp());
  }

  private static Plan plan(PlanRequest request) {
    return ((Planning.Done) new Planner(request).plan(Map.of())).plan();
  }

  private static String label(PlanRequest request) {
    return plan(request).image().config().labels().getOrDefault("t", "none");
  }

  @Test
  void nothingIsLookedForUnlessItIsWritten() {
    var bench = PlanBench.of("FROM scratch AS s\nARG SOURCE_DATE_EPOCH=7\n");
    assertEquals(Optional.empty(), bench.clamp());
    assertEquals(OptionalLong.empty(), bench.plan().clamp());
  }
}
