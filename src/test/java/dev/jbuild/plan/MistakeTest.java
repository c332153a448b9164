package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.ContainerConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is wrong is told at its place; a ¦ ends a line.
class MistakeTest {

  @ParameterizedTest(name = "{0} {1}", quoteTextArguments = false)
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        // 3: FROM and the graph; the first four are of reliability 78
        "3 | ARG B=x:y:z¦FROM $B                          | 2:6 | not an image name",
        "3 | ARG B='x y'¦FROM $B                          | 2:6 | not an image name",
        "3 | ARG B¦FROM $B                                | 2:6 | blank",
        "3 | FROM a AS a¦FROM $B¦FROM scratch             | 2:6 | blank",
        "3 | FROM Upper/Case/x                            | 1:6 | not an image name",
        "3 | FROM UPPER                                   | 1:6 | lower case",
        "3 | FROM x:y:z¦FROM scratch                      | 1:6 | not an image name",
        "3 | FROM --platform=$NO x                        | 1:17 | empty",
        "3 | FROM --platform=a/b/c/d x¦FROM scratch       | 1:17 | not a platform",
        "3 | FROM scratch AS a¦COPY --from=a x /          | 2:13 | circular",
        "3 | FROM scratch AS a¦COPY --from=b x /¦FROM a AS b | 2:13 | circular",
        "3 | FROM scratch AS a¦RUN --mount=from=b,target=/t x¦FROM a AS b¦FROM scratch"
            + " | 2:18 | circular",
        "3 | FROM scratch¦COPY --from=0 x /               | 2:13 | circular",
        "3 | FROM scratch AS a¦COPY --from=b x /¦FROM scratch AS b¦FROM a | 2:13 | above its",
        "3 | FROM scratch¦COPY --from=1 x /               | 2:13 | no stage number 1",
        "3 | FROM scratch¦COPY --from=-1 x /              | 2:13 | no stage number -1",
        "3 | FROM scratch¦COPY --from=$A x /              | 2:13 | variable",
        "3 | FROM scratch¦COPY --from=$A x /¦FROM scratch | 2:13 | variable",
        "3 | FROM scratch¦RUN --mount=from=$A,target=/t x | 2:18 | variable",
        "3 | FROM scratch¦COPY --from=A:B:C x /           | 2:13 | not an image name",
        // 5: RUN
        "5 | FROM scratch¦RUN []                          | 2:1  | nothing to run",
        "5 | FROM scratch¦ENV T=/¦RUN --mount=target=$T x | 3:20 | root",
        "5 | FROM scratch¦ENV T=x¦RUN --mount=type=$T,target=/t x | 3:18 | not a type",
        "5 | FROM scratch¦ENV T=cache¦RUN --mount=type=$T,target=/t,size=1 x | 3:36 | takes no"
            + " size",
        "5 | FROM scratch¦ENV T=bind¦RUN --mount=type=$T,target=/t,mode=1 x | 3:36 | takes no mode",
        "5 | FROM scratch¦ENV T=secret¦RUN --mount=type=$T,id=x,from=y x | 3:31 | takes no from",
        "5 | FROM scratch¦ENV T=ssh¦RUN --mount=type=$T,src=y x | 3:25 | takes no src",
        "5 | FROM scratch¦RUN --mount=type=cache,target=/t,required x | 2:34 | required does not"
            + " go",
        "5 | FROM scratch¦RUN --mount=type=ssh,sharing=shared x | 2:30 | sharing does not go",
        "5 | FROM scratch¦RUN --mount=target=/t,uid=1 x | 2:27 | uid does not go",
        "5 | FROM scratch¦RUN --mount=env=A,target=/t x   | 2:17 | takes no env",
        "5 | FROM scratch¦ENV T=9¦RUN --mount=type=cache,target=/t,mode=$T x | 3:39 | for mode",
        "5 | FROM scratch¦ENV T=u¦RUN --mount=type=cache,target=/t,uid=$T x | 3:38 | for uid",
        "5 | FROM scratch¦ENV T=z¦RUN --mount=type=tmpfs,target=/t,size=$T x | 3:39 | for size",
        "5 | FROM scratch¦ENV T=z¦RUN --mount=type=cache,target=/t,sharing=$T x | 3:42 | for"
            + " sharing",
        "5 | FROM scratch¦RUN --mount=type=cache,target=/t,source=../x x | 2:41 | cannot lie"
            + " outside",
        "5 | FROM scratch¦RUN --mount=type=cache,target=/t,from=a,src=b/../.. x | 2:45 | cannot"
            + " lie",
        "5 | FROM scratch¦ENV T=z¦RUN --mount=target=/t,ro=$T x | 3:26 | for ro",
        "5 | FROM scratch¦ENV T=¦RUN --mount=type=secret,id=$T x | 3:5 | which secret",
        // 6: COPY and ADD
        "1.8 | FROM scratch¦COPY \"a b\" /x               | 2:6 | never closed",
        "2.2 | FROM scratch¦COPY --chown=${A:?who} a /d | 2:14 | who",
        "6.2 | FROM scratch¦COPY a http://h/f /d/       | 2:8  | is a URL",
        "6.2 | FROM scratch¦COPY https://h/f /d             | 2:6  | is a URL",
        "6.2 | FROM scratch¦COPY git@h:r /d                 | 2:6  | is a git repository",
        "6.1 | FROM scratch¦COPY --chmod=8 a /d             | 2:14 | --chmod",
        "6.1 | FROM scratch¦COPY --chmod=10000 a /d         | 2:14 | --chmod",
        "6.1 | FROM scratch¦COPY --chmod=u+q a /d           | 2:14 | --chmod",
        "6.5 | FROM scratch¦COPY --link --chown=app a /d    | 2:21 | needs numbers",
        "6.6 | FROM scratch¦ADD --checksum=sha256:0 https://h/f /d | 2:16 | not a checksum",
        "6.6 | FROM scratch¦ADD --checksum=sha256:0 f /d    | 2:16 | needs a URL",
        "6.6 | FROM scratch¦ADD --checksum=a https://h/f b /d/ | 2:16 | exactly one",
        "1.10 | FROM scratch¦COPY <<../x /d/¦../x            | 2:6  | file's name",
        // 7 and 8
        "7 | FROM scratch¦ENV A=${B:?wanted}              | 2:7  | wanted",
        "7 | FROM scratch¦ENV $A=1                        | 2:5  | blank",
        "7 | FROM scratch¦ENV A=x=y¦ENV $A=1              | 3:5  | cannot have =",
        "7 | FROM scratch¦VOLUME /a $B                    | 2:11 | empty",
        "7 | FROM scratch¦EXPOSE 80 99999                 | 2:11 | not a port",
        "7 | FROM scratch¦EXPOSE 80/foo                   | 2:8  | not a protocol",
        "7 | FROM scratch¦EXPOSE 9-8                      | 2:8  | ends before",
        "8 | FROM scratch¦STOPSIGNAL FOO                  | 2:12 | not a signal",
        "8 | FROM scratch¦STOPSIGNAL 0                    | 2:12 | not a signal",
      })
  void isToldWhereItIs(String section, String dockerfile, String place, String message) {
    var bench = PlanBench.of(dockerfile.replace('¦', '\n') + "\n");
    var failure = bench.failure();
    assertEquals(BuildFailure.Kind.DOCKERFILE, failure.kind());
    assertTrue(failure.message().contains(message), failure.message());
    assertEquals("Dockerfile:" + place, failure.where().orElseThrow().toString());
  }

  @ParameterizedTest(name = "{0} {1}", quoteTextArguments = false)
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "3 | FROM $B                                    | --build-arg",
        "3 | FROM scratch AS Build¦FROM Biuld           | build",
        "3 | FROM Scratch                               | scratch",
        "3 | FROM scratch AS b¦COPY --from=a x /¦FROM scratch AS a¦FROM b | move it above stage b",
        "3 | FROM scratch¦COPY --from=$A x /            | FROM",
        "3 | FROM scratch¦COPY https://h/f /            | ADD",
      })
  void comesWithAdvice(String section, String dockerfile, String hint) {
    var failure = PlanBench.of(dockerfile.replace('¦', '\n') + "\n").failure();
    assertTrue(failure.hint().orElse("no hint").contains(hint), failure.hint() + "");
  }

  @Test
  void aNameThatALaterStageTakesOverIsNoMistakeInAStageThatNobodyNeeds() {
    PlanBench.of("FROM scratch AS a\nFROM a\nCOPY --from=a x /\nFROM scratch AS a\n").plan();
  }

  @Test
  void anUnknownTargetIsGuessed() {
    var text = "FROM scratch AS build\nFROM scratch AS test\n";
    assertEquals(
        "did you mean build?", PlanBench.of(text).target("biuld").failure().hint().orElseThrow());
    assertEquals(
        "there are build, test", PlanBench.of(text).target("zzz").failure().hint().orElseThrow());
    assertTrue(PlanBench.of(text).target("2").failure().message().contains("\"2\""));
  }

  @Test
  void aNulCharacterOfABaseImageStopsARun() { // reliability 63
    for (var config :
        List.of(
            ContainerConfig.EMPTY.withVariable("A", "x\0y"),
            ContainerConfig.EMPTY.withUser("u\0"),
            ContainerConfig.EMPTY.withWorkingDir("/a\0"),
            ContainerConfig.EMPTY.withShell(List.of("sh\0")))) {
      var failure = PlanBench.of("FROM base\nRUN x\n").image("base", config).failure();
      assertTrue(failure.message().contains("NUL"), failure.message());
      assertEquals("Dockerfile:2:1", failure.where().orElseThrow().toString());
    }
  }

  @Test
  void aNamedContextForNoPlatformIsRefused() {
    var failure =
        PlanBench.of("FROM scratch\n").context("a::b/c/d/e", new NamedContext.Files()).failure();
    assertEquals(BuildFailure.Kind.USAGE, failure.kind());
  }

  @Test
  void strangersTextIsMadePrintable() {
    var failure =
        PlanBench.of("ARG B\nFROM scratch\nARG B\nSTOPSIGNAL $B\n").args("B=\u001b[2J").failure();
    assertTrue(failure.message().contains("\\x1b[2J"), failure.message());
  }
}
