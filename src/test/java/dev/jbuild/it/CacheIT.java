package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What is made again, what is not, and what a person is told about it.
class CacheIT {

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void importBase() {
    Tools.needRoot();
    bench.base();
  }

  private Outcome build(String... more) {
    var words = new java.util.ArrayList<>(java.util.List.of("-t", "it:1"));
    words.addAll(java.util.List.of(more));
    words.add("context");
    return bench.jbuild(words.toArray(String[]::new));
  }

  @Test
  void nothingChangedRunsNothingAndSaysSo() {
    bench.file("f", "1").dockerfile("FROM base\nWORKDIR /w\nCOPY f /f\nRUN date > /d\n");
    build().succeeds().saysOnError("0 of 3 steps cached");
    var first = bench.inspect("it:1").at("/Id").asText();
    build().succeeds().saysOnError("3 of 3 steps cached").doesNotSay("rebuilt");
    assertEquals(first, bench.inspect("it:1").at("/Id").asText());
  }

  @Test
  void aTouchedFileIsAHit() {
    bench.file("f", "1").dockerfile("FROM base\nCOPY f /f\n");
    build().succeeds();
    bench.sh("sleep 1.1; touch context/f");
    build().succeeds().saysOnError("1 of 1 steps cached");
  }

  @Test
  void aChangedFileIsNamedAndRebuildsFromItsCopyOn() {
    bench.file("src/a", "1").file("b", "1");
    bench.dockerfile("FROM base\nCOPY b /b\nCOPY src /src\nRUN cp /src/a /c\n");
    build().succeeds();
    bench.file("src/a", "2");
    build()
        .succeeds()
        .saysOnError("1 of 3 steps cached")
        .saysOnError("rebuilt from stage-0 2: src/a changed");
  }

  /// So many, with long names, that the list of them is a long one.
  private void manyFiles() {
    bench.sh(
        "mkdir -p context/d; cd context/d;"
            + " seq -w 700 | split -l 1 -a 3 --additional-suffix=$(printf %0200d 0)");
  }

  /// What is noted of a long list only.
  private void hasNotedALongList() {
    bench.sh("grep -q '\"content\"' store/builds/*/notes");
  }

  /// A long list of inputs is compared with that of the build before, and not hashed again.
  @Test
  void oneOfManyFilesChangedAndChangedBack() {
    manyFiles();
    bench.dockerfile("FROM scratch\nCOPY . /\n");
    build().succeeds().saysOnError("0 of 1 steps cached");
    hasNotedALongList();
    var first = bench.inspect("it:1").at("/Id").asText();
    build().succeeds().saysOnError("1 of 1 steps cached");
    bench.sh("for f in context/d/xabb*; do echo 999 > $f; done");
    build().succeeds().saysOnError("rebuilt from stage-0 1: d/xabb0");
    assertNotEquals(first, bench.inspect("it:1").at("/Id").asText());
    build().succeeds().saysOnError("1 of 1 steps cached");
    bench.sh("for f in context/d/xabb*; do echo 028 > $f; done");
    build().succeeds().saysOnError("1 of 1 steps cached");
    assertEquals(first, bench.inspect("it:1").at("/Id").asText());
  }

  /// Two long lists of inputs that gave the same layer, in turn, are not taken for each other when
  /// they give two; and what was noted of them is not needed.
  @Test
  void manyFilesThatDifferInAModeThatTheCopyReplaces() {
    manyFiles();
    bench.dockerfile("FROM scratch\nARG MODE\nCOPY --chmod=$MODE d /x\n");
    build("--build-arg", "MODE=644").succeeds().saysOnError("0 of 1 steps cached");
    hasNotedALongList();
    for (var mode : java.util.List.of("755", "644", "755", "644")) {
      bench.sh("chmod " + mode + " context/d/xabb*");
      build("--build-arg", "MODE=644").succeeds().saysOnError("1 of 1 steps cached");
    }
    build("--build-arg", "MODE=u+w").succeeds().saysOnError("0 of 1 steps cached");
    var first = bench.inspect("it:1").at("/Id").asText();
    bench.sh("chmod 755 context/d/xabb*");
    build("--build-arg", "MODE=u+w").succeeds().saysOnError("d/xabb0");
    assertNotEquals(first, bench.inspect("it:1").at("/Id").asText());
    bench.sh("for n in store/builds/*/notes; do rm $n; ln -s notes $n; done");
    build("--build-arg", "MODE=u+w").succeeds().saysOnError("1 of 1 steps cached");
    bench.sh("for n in store/builds/*/notes; do test -f $n; done").succeeds();
    bench.sh(
        "for b in $(sed 's/.*\"files\":\"sha256:\\([0-9a-f]*\\).*/\\1/' store/builds/*/notes);"
            + " do echo short > store/blobs/sha256/$b; done");
    build("--build-arg", "MODE=u+w").succeeds().saysOnError("1 of 1 steps cached");
  }

  @Test
  void aChangeThatKeepsSizeAndTimeIsSeen() { // section 13: the peers build the old content
    bench.file("f", "1").dockerfile("FROM base\nCOPY f /f\n");
    build().succeeds();
    bench.sh("touch -r context/f ref; printf 2 > context/f; touch -r ref context/f");
    build().succeeds();
    assertEquals("2", bench.jbuild("run", "it:1", "cat", "/f").text());
  }

  @Test
  void aBuildArgumentThatChangedIsNamed() {
    bench.dockerfile("FROM base\nARG VERSION\nRUN echo $VERSION > /v\n");
    build("--build-arg", "VERSION=1.2").succeeds();
    build("--build-arg", "VERSION=1.3").succeeds().saysOnError("VERSION 1.2 → 1.3");
    build("--build-arg", "VERSION=1.2").succeeds().saysOnError("1 of 1 steps cached");
    build("--build-arg", "VERSION=1.2", "--build-arg", "BUILDKIT_SANDBOX_HOSTNAME=other")
        .succeeds()
        .saysOnError("host name changed");
  }

  @Test
  void bytesThatAreNoTextAreToldApart() {
    for (var octal : java.util.List.of("377", "376")) {
      bench.sh(
          "printf 'FROM base\\nRUN printf \\047\\%s\\047 > /x\\n' > context/Dockerfile"
              .formatted(octal));
      build().succeeds().saysOnError("0 of 1 steps cached");
    }
  }

  @Test
  void aLabelMissesNothing() {
    bench.dockerfile("FROM base\nLABEL a=1\nRUN touch /x\n");
    build().succeeds();
    bench.dockerfile("FROM base\nLABEL a=2\nRUN touch /x\n");
    build().succeeds().saysOnError("1 of 1 steps cached");
  }

  @Test
  void aFailedBuildLeavesItsGoodLayers() {
    bench.dockerfile("FROM base\nRUN touch /good\nRUN false\n");
    build().failsWith(4).saysOnError("exit code 1").saysOnError("Dockerfile:3:1");
    bench.dockerfile("FROM base\nRUN touch /good\nRUN true\n");
    build().succeeds().saysOnError("1 of 2 steps cached");
  }

  @Test
  void aStepThatMakesTheSameBytesDisturbsNothingAfterIt() { // early cutoff
    bench.file("f", "1").dockerfile("FROM base\nRUN echo a > /a\nRUN cp /a /b\n");
    build().succeeds();
    bench.env("SOURCE_DATE_EPOCH", "1000000000");
    bench.dockerfile("FROM base\nRUN echo a > /a\nRUN cp /a /b\n");
    build().succeeds();
    bench.dockerfile("FROM base\nRUN echo a > /a; true\nRUN cp /a /b\n");
    build().succeeds().saysOnError("1 of 2 steps cached");
  }

  @Test
  void aBaseThatMovedElsewhereRemakesNoCopy() {
    bench.file("f", "1").dockerfile("FROM base\nCOPY f /opt/f\n");
    build().succeeds();
    var layer = bench.inspect("it:1").at("/RootFS/Layers/1").asText();
    bench.sh("echo more > rootfs/etc/more; tar -C rootfs -cf base2.tar .");
    bench.jbuild("import", "-q", "base2.tar", "base").succeeds();
    build().succeeds().saysOnError("1 of 1 steps cached");
    var image = bench.inspect("it:1");
    assertEquals(layer, image.at("/RootFS/Layers/1").asText());
    assertTrue(bench.jbuild("run", "it:1", "cat", "/etc/more").succeeds().text().equals("more"));
  }

  @Test
  void noCacheMakesEverythingAnew() {
    bench.dockerfile("FROM base\nRUN cat /proc/sys/kernel/random/uuid > /u\n");
    build().succeeds();
    var first = bench.inspect("it:1").at("/Id").asText();
    build("--no-cache").succeeds().saysOnError("0 of 1 steps cached");
    assertNotEquals(first, bench.inspect("it:1").at("/Id").asText());
  }

  @Test
  void stagesThatDoNotDependOnEachOtherRunSideBySide() {
    // Each waits for what only the other one does: one after the other they would never end.
    bench.dockerfile(
        """
        FROM base AS one
        RUN --mount=type=cache,id=c,target=/c touch /c/one /1; \
          timeout 120 sh -c 'until [ -e /c/two ]; do sleep .05; done'
        FROM base AS two
        RUN --mount=type=cache,id=c,target=/c touch /c/two /2; \
          timeout 120 sh -c 'until [ -e /c/one ]; do sleep .05; done'
        FROM base
        COPY --from=two /2 /
        COPY --from=one /1 /
        """);
    build("--jobs", "4").succeeds();
  }

  @Test
  @Timeout(120)
  void aStageThatFailsStopsTheOthers() throws InterruptedException {
    bench.dockerfile(
        """
        FROM base AS endless
        RUN --mount=type=cache,id=c,target=/c touch /c/begun; while :; do sleep .05; done
        FROM base AS failing
        RUN --mount=type=cache,id=c,target=/c \
          timeout 60 sh -c 'until [ -e /c/begun ]; do sleep .05; done'; exit 3
        FROM base AS after
        COPY --from=failing / /failing
        FROM base
        COPY --from=endless / /endless
        COPY --from=after / /after
        """);
    build("--jobs", "4").failsWith(4).saysOnError("exit code 3").doesNotSay("stage-2");
    assertEquals(List.of(), bench.processesLeft());
  }
}
