package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// One build for several platforms, with steps that run: cross-compiling, as people do it.
class MultiPlatformIT {

  private static final String DOCKERFILE =
      """
      FROM --platform=$BUILDPLATFORM base AS tools
      RUN cat /proc/sys/kernel/random/uuid > /tools
      FROM --platform=$BUILDPLATFORM base AS build
      WORKDIR /src
      COPY f .
      RUN cat /proc/sys/kernel/random/uuid > fetched
      ARG TARGETARCH
      ARG TARGETVARIANT
      RUN echo "for $TARGETARCH$TARGETVARIANT on $(uname -m)" > program
      FROM scratch
      COPY --from=tools /tools /
      COPY --from=build /src /
      """;

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void needRoot() {
    Tools.needRoot();
  }

  @ParameterizedTest
  @EnumSource
  void aCrossCompilingStageRunsHereAndWhatIsCommonIsMadeOnce(Workbench.Who who) {
    bench.as(who).base().file("f", "content").dockerfile(DOCKERFILE);
    var build =
        bench
            .jbuild(
                "-t",
                "it:1",
                "--no-cache",
                "--platform=linux/s390x,linux/arm/v7",
                "-o",
                "out",
                "-o",
                "type=oci,dest=it.tar",
                "context")
            .succeeds();
    var machine = bench.sh("uname -m").text();
    assertEquals("for s390x on " + machine, bench.sh("cat out/linux_s390x/program").text());
    assertEquals("for armv7 on " + machine, bench.sh("cat out/linux_arm_v7/program").text());
    bench.sh("cmp out/linux_s390x/tools out/linux_arm_v7/tools");
    bench.sh("cmp out/linux_s390x/fetched out/linux_arm_v7/fetched");
    var log = build.err();
    assertEquals(1, log.lines().filter(line -> line.endsWith("> /tools")).count(), log);
    Tools.need("skopeo");
    var index = Workbench.json(bench.sh("skopeo inspect --raw oci-archive:it.tar").out());
    assertEquals("s390x", index.at("/manifests/0/platform/architecture").asText());
    assertEquals("v7", index.at("/manifests/1/platform/variant").asText());
    bench.jbuild("store", "check").succeeds();
  }

  @Test
  void aBaseOfAnotherPlatformIsUsedWithAWarning() {
    bench.base().dockerfile("FROM base\nRUN echo done > /done\n");
    var build = bench.jbuild("-t", "it:1", "--platform=linux/arm64", "context").succeeds();
    assertTrue(build.err().contains("not for linux/arm64"), build.err());
    assertEquals("arm64", bench.inspect("it:1").at("/Architecture").asText());
    assertEquals("done", bench.jbuild("run", "it:1", "cat", "/done").succeeds().text());
  }
}
