package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What each instruction does to the file system and to the config. Numbers are sections of the
/// language's documentation (docs/dockerfile.md).
class InstructionIT {

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void importBase() {
    Tools.needRoot();
    bench.base();
  }

  /// `ls -ln` of paths in the built image, times left out.
  private String list(String... paths) {
    var command = new java.util.ArrayList<>(List.of("run", "it:1", "stat", "-c", "%n %F %a %u:%g"));
    command.addAll(List.of(paths));
    return bench.jbuild(command.toArray(String[]::new)).succeeds().text();
  }

  private String sh(String script) {
    return bench.jbuild("run", "it:1", "sh", "-c", script).succeeds().text();
  }

  private static List<String> strings(com.fasterxml.jackson.databind.JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(each -> each.asText()).toList();
  }

  @Test
  void fromScratchHasPathAndRootDirectory() {
    var image = bench.file("f", "x").dockerfile("FROM scratch\nCOPY f /\n").build();
    assertEquals("/", image.at("/Config/WorkingDir").asText());
    assertEquals(
        List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        strings(image.at("/Config/Env")));
    assertEquals(1, image.at("/RootFS/Layers").size());
  }

  @Test
  void fromADigest() {
    var base = bench.inspect("base");
    var image = bench.dockerfile("FROM base@" + base.at("/Id").asText() + "\nENV A=1\n").build();
    assertEquals(base.at("/RootFS/Layers"), image.at("/RootFS/Layers"));
    bench.dockerfile("FROM base@sha256:" + "0".repeat(64) + "\n");
    bench.jbuild("--pull=never", "context").failsWith(3).saysOnError("Dockerfile:1:6");
  }

  @Test
  void configInstructionsChangeTheConfigOnly() {
    var image =
        bench
            .dockerfile(
                """
                FROM base
                MAINTAINER Someone <s@example.org>
                ENV A=1 B="two words"
                LABEL k=v
                EXPOSE 80 7000-7001/UDP
                VOLUME /data
                USER app
                STOPSIGNAL SIGINT
                HEALTHCHECK --interval=30s --retries=2 CMD true
                SHELL ["/bin/sh", "-ec"]
                ENTRYPOINT ["sh"]
                CMD ["-c", "id"]
                ONBUILD RUN touch /triggered
                """)
            .build();
    var config = image.at("/Config");
    assertEquals("Someone <s@example.org>", image.at("/Author").asText());
    assertTrue(strings(config.at("/Env")).containsAll(List.of("A=1", "B=two words")));
    assertEquals("v", config.at("/Labels/k").asText());
    assertEquals(3, config.at("/ExposedPorts").size());
    assertTrue(config.at("/ExposedPorts").has("7001/udp"));
    assertTrue(config.at("/Volumes").has("/data"));
    assertEquals("app", config.at("/User").asText());
    assertEquals("SIGINT", config.at("/StopSignal").asText());
    assertEquals(30_000_000_000L, config.at("/Healthcheck/Interval").asLong());
    assertFalse(config.at("/Healthcheck").has("Timeout"), "0 is left out, as by docker");
    assertEquals(List.of("/bin/sh", "-ec"), strings(config.at("/Shell")));
    assertEquals(List.of("sh"), strings(config.at("/Entrypoint")));
    assertEquals(List.of("-c", "id"), strings(config.at("/Cmd")));
    assertEquals(List.of("RUN touch /triggered"), strings(config.at("/OnBuild")));
    assertEquals(1, image.at("/RootFS/Layers").size(), "no layer of their own");
  }

  @Test
  void onbuildTriggersRunInTheChildOnce() {
    bench.dockerfile("FROM base\nONBUILD RUN echo triggered > /t\n").build("-t", "parent");
    var child = bench.dockerfile("FROM parent\nRUN cat /t > /seen\n").build();
    assertEquals("triggered", sh("cat /seen"));
    assertTrue(strings(child.at("/Config/OnBuild")).isEmpty());
  }

  @Test
  void runChangesFilesAndKeepsOwnersModesAndLinks() {
    bench
        .dockerfile(
            """
            FROM base
            RUN mkdir /d && echo a > /d/f && chown 7:8 /d/f && chmod 4711 /d/f && ln /d/f /d/g \
                && ln -s f /d/l && rm /bin/vi && rm -rf /root
            """)
        .build();
    assertEquals(
        "/d/f regular file 4711 7:8\n/d/g regular file 4711 7:8\n/d/l symbolic link 777 0:0",
        list("/d/f", "/d/g", "/d/l"));
    assertEquals("2", sh("stat -c %h /d/f"));
    assertEquals("gone gone", sh("[ -e /bin/vi ] || echo -n 'gone '; [ -e /root ] || echo gone"));
  }

  @Test
  void runHasUserEnvironmentDirectoryAndArguments() {
    bench
        .dockerfile(
            """
            FROM base
            ARG VERSION=1
            ENV V=$VERSION
            WORKDIR /work
            USER app
            RUN touch /tmp/mine; echo "$(id -u):$(id -g):$(id -G):$HOME:$PWD:$V:$VERSION" > /tmp/seen
            """)
        .build("--build-arg", "VERSION=2");
    assertEquals("1000:1001:1001 50:/home/app:/work:2:2", sh("cat /tmp/seen"));
    assertEquals("/tmp/mine regular empty file 644 1000:1001", list("/tmp/mine"));
  }

  @Test
  void runStartsWithAnEmptyInputItsDirectoryAndWhatEnvSays() { // section 5
    bench
        .dockerfile(
            """
            FROM base
            WORKDIR /gone
            RUN cd / && rmdir /gone && mkdir /tools && echo '#!/bin/sh' > /tools/tool \
                && echo 'echo "$# $1 $(cat) $HOME ${TERM-none} $PWD" > /seen' >> /tools/tool \
                && chmod 755 /tools/tool
            ENV PATH=/tools:/bin HOME=/mine
            RUN ["tool", "$HOME"]
            """)
        .build();
    assertEquals("1 $HOME  /mine none /gone", sh("cat /seen"));
  }

  @Test
  void runLeavesNoTraceOfWhatTheSandboxProvides() { // case 101
    var image = bench.dockerfile("FROM base\nRUN cat /etc/resolv.conf /etc/hosts; true\n").build();
    assertEquals(1, image.at("/RootFS/Layers").size(), "RUN that changes nothing adds no layer");
  }

  @Test
  void workdirIsMadeForTheUserAndLeftAloneIfItExists() {
    var image =
        bench.dockerfile("FROM base\nUSER app\nWORKDIR /a/b\nWORKDIR c\nWORKDIR /tmp\n").build();
    assertEquals("/tmp", image.at("/Config/WorkingDir").asText());
    assertEquals(
        "/a directory 755 1000:1001\n/a/b/c directory 755 1000:1001\n/tmp directory 1777 0:0",
        list("/a", "/a/b/c", "/tmp"));
    assertEquals(3, image.at("/RootFS/Layers").size());
  }

  @Test
  void copyPutsContentsOfDirectoriesAndFilesUnderTheirNames() { // section 6.2, section 6.3
    bench.file("d/sub/x", "x").file("d/y", "y").file("f", "f");
    bench.sh("chmod 700 context/d context/d/sub; ln -s y context/d/link");
    bench
        .dockerfile("FROM base\nCOPY d /new\nCOPY f /into/\nCOPY f /named\nCOPY f d/y /both/\n")
        .build();
    assertEquals(
        """
        /new directory 755 0:0
        /new/sub directory 700 0:0
        /new/link symbolic link 777 0:0
        /into/f regular file 644 0:0
        /named regular file 644 0:0
        /both/y regular file 644 0:0\
        """,
        list("/new", "/new/sub", "/new/link", "/into/f", "/named", "/both/y"));
  }

  @Test
  void anEmptyDirectoryIsCopiedWithItsTime() {
    bench.sh("mkdir context/empty; touch -d 2001-02-03T04:05:06Z context/empty");
    bench.dockerfile("FROM base\nCOPY empty /new/empty\n").build();
    assertEquals("981173106 981173106", sh("echo $(stat -c %Y /new /new/empty)"));
  }

  @Test
  void copyFollowsLinksOfTheDestination() {
    bench.file("f", "f");
    bench
        .dockerfile("FROM base\nRUN mkdir -p /usr/lib && ln -s usr/lib /lib\nCOPY f /lib/\n")
        .build();
    assertEquals("/usr/lib/f regular file 644 0:0", list("/usr/lib/f"));
    assertEquals("usr/lib", sh("readlink /lib"));
  }

  @Test
  void chownAndChmodSetOwnersAndModes() { // section 6.4
    bench.file("d/f", "f").file("e", "e");
    bench
        .dockerfile(
            """
            FROM base
            COPY --chown=app d /a/
            COPY --chown=1000 --chmod=640 e /b
            COPY --chown=app:staff --chmod=u=rwX,go= e /c
            COPY --chown=5:6 e /d/
            """)
        .build();
    assertEquals(
        """
        /a directory 755 1000:1001
        /a/f regular file 644 1000:1001
        /b regular file 640 1000:1000
        /c regular file 600 1000:50
        /d directory 755 5:6\
        """,
        list("/a", "/a/f", "/b", "/c", "/d"));
  }

  @Test
  void unknownChownNameFails() { // section 12
    bench.file("f", "f").dockerfile("FROM base\nCOPY --chown=nobody:x f /\n");
    bench.jbuild("context").failsWith(4).saysOnError("Dockerfile:2:1").saysOnError("nobody");
  }

  @Test
  void copyFromAStageKeepsOwnersAndReadsNoContext() {
    bench
        .dockerfile(
            """
            FROM base AS made
            RUN mkdir -p /out/sub && echo hello > /out/f && chown 7:8 /out/f /out/sub
            FROM scratch AS unused
            COPY missing /
            FROM base
            COPY --from=made /out /dest
            COPY --from=0 /out/f /byNumber
            """)
        .build();
    assertEquals(
        """
        /dest directory 755 0:0
        /dest/sub directory 755 7:8
        /dest/f regular file 644 7:8
        /byNumber regular file 644 7:8\
        """,
        list("/dest", "/dest/sub", "/dest/f", "/byNumber"));
  }

  @Test
  void copyFromAnImage() {
    bench.dockerfile("FROM scratch\nCOPY --from=base /etc/group /g\n").build();
    var saved = bench.directory().resolve("out");
    bench.jbuild("-o", "type=local,dest=" + saved, "context").succeeds();
    assertEquals("root:x:0:", bench.sh("head -1 out/g").text());
  }

  @Test
  void addUnpacksArchivesByContent() { // section 6.6
    bench.sh(
        """
        mkdir -p t/d && echo x > t/d/x && chmod 600 t/d/x && ln t/d/x t/d/y
        for z in "cf:plain" "czf:gz" "cJf:xz" "cjf:bz" ; do
          tar -C t --owner=3 --group=4 --numeric-owner -${z%%:*} context/${z##*:} d
        done
        tar -C t --owner=3 --group=4 --numeric-owner -cf - d | zstd -q > context/zst
        echo no archive | gzip > context/text.gz
        """);
    bench
        .dockerfile(
            """
            FROM base
            ADD plain /1
            ADD gz /2
            ADD xz /3/
            ADD bz /4
            ADD zst /5
            ADD text.gz /
            ADD --chown=9:9 plain /6
            COPY gz /7
            """)
        .build();
    assertEquals(
        """
        /1/d/x regular file 600 3:4
        /2/d/y regular file 600 3:4
        /3/d/x regular file 600 3:4
        /4/d/x regular file 600 3:4
        /5/d/x regular file 600 3:4
        /6/d/x regular file 600 9:9
        /7 regular file 644 0:0
        /text.gz regular file 644 0:0\
        """,
        list("/1/d/x", "/2/d/y", "/3/d/x", "/4/d/x", "/5/d/x", "/6/d/x", "/7", "/text.gz"));
    assertEquals("2", sh("stat -c %h /1/d/x"), "hard links are kept");
  }

  @Test
  void heredocsBecomeFilesAndScripts() { // section 1.10
    bench
        .dockerfile(
            """
            FROM base
            ENV WHO=me
            COPY <<EOF /greeting
            hello $WHO
            EOF
            RUN <<EOF
            echo one > /out
            echo two >> /out
            EOF
            RUN <<EOF
            #!/bin/cat
            not a shell
            EOF
            """)
        .build();
    assertEquals("hello me\none\ntwo", sh("cat /greeting /out"));
  }

  @Test
  void dockerignoreLeavesFilesOut() {
    bench.file("a/keep", "k").file("a/drop", "d").file(".dockerignore", "a\n!a/keep\n");
    bench.dockerfile("FROM base\nCOPY . /c/\n").build();
    assertEquals("/c/a/keep", sh("find /c -name keep -o -name drop"));
  }

  @Test
  void targetAndLabelsAndIidfile() {
    bench.dockerfile("FROM base AS one\nRUN touch /1\nFROM base AS two\nRUN touch /2\n");
    var image =
        bench.build(
            "--target", "ONE", "--label", "a=b", "--iidfile", "iid", "--metadata-file", "m");
    assertEquals("b", image.at("/Config/Labels/a").asText());
    assertEquals("/1", sh("ls -d /1"));
    assertEquals(image.at("/Id").asText(), bench.sh("cat iid").text());
    var metadata = Workbench.json(bench.sh("cat m").out());
    assertEquals(image.at("/Id").asText(), metadata.at("/containerimage.config.digest").asText());
    assertEquals("docker.io/library/it:1", metadata.at("/image.name").asText());
  }

  @Test
  void volumesKeepWhatRunChanges() { // section 12
    bench.dockerfile("FROM base\nVOLUME /v\nRUN mkdir -p /v && touch /v/kept\n").build();
    assertEquals("/v/kept", sh("ls /v/kept"));
  }

  @Test
  void aFileThatMeansDeletedIsRefused() { // case 14
    bench.dockerfile("FROM base\nRUN touch /.wh.passwd\n");
    bench.jbuild("context").failsWith(4).saysOnError(".wh.passwd");
  }

  @Test
  void environmentAndArgumentsFollowTheOrderOfTheFile() { // section 2.3
    bench
        .dockerfile(
            "FROM base\nENV X=env\nARG X=arg\nRUN echo $X > /seen\nENV a=1 b=$a\nENV c=$a\n")
        .build();
    assertEquals("arg", sh("cat /seen"));
    assertEquals("env||1", sh("echo \"$X|$b|$c\""));
  }

  @Test
  void networkNoneHasLoopbackOnly() { // case 96
    bench.dockerfile(
        "FROM base\nRUN --network=none ls /sys/class/net > /nets 2>&1; ip link > /l\n");
    bench.build();
    assertFalse(sh("cat /l").contains("eth"), "no interface of the machine");
    assertTrue(sh("cat /l").contains("lo:"));
  }

  @Test
  void squashMakesOneLayerOfAllThatIsAboveTheBase() {
    bench
        .file("a", "a")
        .dockerfile(
            """
            FROM base AS below
            RUN echo gone > /gone && echo 1 > /h1 && ln /h1 /h2 && rm /bin/vi && mkdir -m 700 /d
            FROM below
            RUN rm -rf /gone /root && rm /bin/wc && mkdir /bin/wc && echo f > /d/f \
                && ln -s f /d/l && mv /tmp /tmp2 && ln -s tmp2 /tmp && chmod 711 /
            COPY a /d/a
            ENV A=1
            """);
    var plain = bench.build("-o", "type=tar,dest=plain.tar");
    var image = bench.build("--squash", "-o", "type=tar,dest=squashed.tar");
    bench.sh("tar -tvf plain.tar > 1; tar -tvf squashed.tar > 2; cmp 1 2").succeeds();
    int ofBase = bench.inspect("base").at("/RootFS/Layers").size();
    assertEquals(ofBase + 3, plain.at("/RootFS/Layers").size());
    assertEquals(ofBase + 1, image.at("/RootFS/Layers").size());
    assertEquals(plain.at("/Config"), image.at("/Config"));
    assertEquals("2 711", sh("echo $(stat -c %h /h1) $(stat -c %a /)"));
    bench.jbuild("save", "--format", "oci", "-o", "it.tar", "it:1").succeeds();
    bench.sh("umoci --version && skopeo copy -q oci-archive:it.tar oci:it:1").succeeds();
    bench.sh("umoci unpack --image it:1 bundle && [ ! -e bundle/rootfs/gone ]").succeeds();
    bench.sh("[ -d bundle/rootfs/bin/wc ] && [ ! -e bundle/rootfs/bin/vi ]").succeeds();
  }
}
