package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.ContainerConfig;
import dev.jbuild.image.Healthcheck;
import dev.jbuild.image.ImageConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a Dockerfile makes of the config, a row a rule; the numbers are the sections of the
/// language's reference (3 stages, 7 and 8 instructions, 12 our choices). What rules of one section
/// have in common is tested in detail beside: ConfigTest, FromTest, ScopeTest, OnBuildTest.
///
/// `;` ends a line. `img` is an image that sets everything.
class ConfigRulesTest {

  private static final Duration ZERO = Duration.ZERO;

  private static final ContainerConfig IMG =
      ContainerConfig.EMPTY
          .withVariable("PATH", "/bin")
          .withVariable("I", "img")
          .withEntrypoint(List.of("e"))
          .withCmd(List.of("c"))
          .withUser("app")
          .withWorkingDir("/w")
          .withLabels(new TreeMap<>(java.util.Map.of("l", "img")))
          .withExposedPorts(new TreeSet<>(List.of("1/tcp")))
          .withVolumes(new TreeSet<>(List.of("/v")))
          .withShell(List.of("/sh", "-x"))
          .withStopSignal("INT")
          .withHealthcheck(new Healthcheck(List.of("NONE"), ZERO, ZERO, ZERO, ZERO, 0))
          .withOnBuild(List.of("ENV O=b"));

  private static final String DEFAULT_PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static PlanBench bench(String dockerfile) {
    return PlanBench.of(dockerfile.replace("; ", "\n").replace(";", "\n") + "\n")
        .image("img", IMG)
        .image("none", ImageConfig.scratch(PlanBench.HOST).withConfig(ContainerConfig.EMPTY));
  }

  private static String field(Plan plan, String name) {
    var config = plan.image().config();
    return switch (name) {
      case "env" -> String.join(" ", config.env()).replace(DEFAULT_PATH, "PATH");
      case "argv" -> config.entrypoint() + " " + config.cmd();
      case "user" -> config.user();
      case "dir" -> config.workingDir();
      case "labels" -> config.labels().toString();
      case "ports" -> config.exposedPorts().toString();
      case "volumes" -> config.volumes().toString();
      case "shell" -> String.valueOf(config.shell());
      case "stop" -> config.stopSignal();
      case "onbuild" -> config.onBuild().toString();
      case "author" -> plan.image().author();
      case "health" ->
          Optional.ofNullable(config.healthcheck()).map(each -> each.test().toString()).orElse("");
      case "target" -> plan.target().steps().size() + " steps";
      case "stages" -> plan.stages().size() + " stages";
      default -> throw new IllegalArgumentException(name);
    };
  }

  @ParameterizedTest(name = "{0}", quoteTextArguments = false)
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "3 scratch has a PATH         | FROM scratch | env | PATH",
        "3 scratch begins at the root | FROM scratch | dir | /",
        "3 an image without PATH      | FROM none | env | PATH",
        "3 PATH comes first           | FROM none; ENV A=1 | env | PATH A=1",
        "3 an image's own PATH        | FROM img | env | PATH=/bin I=img O=b",
        "3 inherited: argv            | FROM img | argv | [e] [c]",
        "3 inherited: user            | FROM img | user | app",
        "3 inherited: directory       | FROM img | dir | /w",
        "3 inherited: labels          | FROM img | labels | {l=img}",
        "3 inherited: ports           | FROM img; EXPOSE 2 | ports | [1/tcp, 2/tcp]",
        "3 inherited: volumes         | FROM img; VOLUME /u | volumes | [/u, /v]",
        "3 inherited: shell           | FROM img | shell | [/sh, -x]",
        "3 inherited: signal          | FROM img | stop | INT",
        "3 inherited: health          | FROM img | health | [NONE]",
        "3 OnBuild is consumed        | FROM img | onbuild | []",
        "3 through a stage            | FROM img AS a; FROM a; USER u | user | u",
        "3 of a stage, any case       | FROM scratch AS One; USER u; FROM ONE | user | u",
        "3 of the latest above        | FROM scratch AS a; USER 1; FROM scratch AS a; USER 2;"
            + " FROM a | user | 2",
        "3 unused stages are left out | FROM scratch AS a; FROM none AS b; RUN x; FROM a |"
            + " stages | 2 stages",
        "3 the last stage is built    | FROM scratch; USER 1; FROM scratch; USER 2 | user | 2",
        "3 global ARG in FROM         | ARG N=im; FROM ${N}g | user | app",
        "3 global default, in order   | ARG A=i B=${A}mg; FROM $B | user | app",
        "3 a stage brings no history  | FROM scratch AS a; USER u; FROM a | target | 0 steps",
        "3 exactly: scratch           | FROM scratch AS Scratches; USER u; FROM scratches | user |"
            + " u",
        "7 WORKDIR is joined          | FROM img; WORKDIR x; WORKDIR ../y | dir | /w/y",
        "7 and cleaned                | FROM img; WORKDIR a//b/./c/ | dir | /w/a/b/c",
        "7 an absolute one is kept    | FROM img; WORKDIR /a//b/./c/ | dir | /a//b/./c/",
        "7 nothing changes nothing    | FROM img; WORKDIR /a/; WORKDIR $NONE | dir | /a/",
        "7 a stage inherits it        | FROM img AS s; WORKDIR /a/; FROM s; WORKDIR b | dir | /a/b",
        "7 with blanks                | FROM img; WORKDIR /a b | dir | /a b",
        "7 an unset variable is empty | FROM img; WORKDIR /p/$NONE/q | dir | /p//q",
        "7 USER as it is written      | FROM img; ENV U=u:g; USER $U | user | u:g",
        "7 USER may be empty          | FROM img; USER $NONE | user |",
        "7 VOLUME in words            | FROM none; ENV D=/d; VOLUME $D rel | volumes | [/d, rel]",
        "7 VOLUME in JSON, expanded   | FROM none; ENV D=/d; VOLUME [\"$D\", \"/a b\"] | volumes |"
            + " [/a b, /d]",
        "7 EXPOSE: protocol and range | FROM none; EXPOSE 53/UDP 7-8 | ports |"
            + " [53/udp, 7/tcp, 8/tcp]",
        "7 EXPOSE: all ports there are | FROM none; EXPOSE 0 65535/sctp | ports |"
            + " [0/tcp, 65535/sctp]",
        "7 EXPOSE: the container's    | FROM none; EXPOSE 1.2.3.4:80:90/tcp | ports | [90/tcp]",
        "7 EXPOSE is split after      | FROM none; ENV P=\"1 2\"; EXPOSE $P | ports | [1/tcp,"
            + " 2/tcp]",
        "7 ENV in place               | FROM img; ENV Z=1 I=x | env | PATH=/bin I=x O=b Z=1",
        "7 ENV: as before the line    | FROM none; ENV a=1; ENV a=2 b=$a | env | PATH a=2 b=1",
        "7 ENV: an empty value        | FROM none; ENV A= | env | PATH A=",
        "7 ENV: the old form          | FROM none; ENV a b  \"c d\" | env | PATH a=b  c d",
        "7 ENV: names are expanded    | FROM none; ENV a=b; ENV $a=c | env | PATH a=b b=c",
        "7 ENV: what is set stays      | FROM img; ENV I= | env | PATH=/bin I= O=b",
        "7 LABEL: the later wins      | FROM img; LABEL l=1 m=2; LABEL l=3 | labels | {l=3, m=2}",
        "7 LABEL: names are expanded  | FROM img; LABEL $I.x=y | labels | {img.x=y, l=img}",
        "7 ARG is not in the config   | FROM none; ARG A=1; ARG B=$A; ENV C=$B | env | PATH C=1",
        "7 ARG after ENV wins         | FROM none; ENV A=e; ARG A=a; ENV B=$A | env | PATH A=e B=a",
        "7 ENV after ARG wins         | FROM none; ARG A=a; ENV A=e; ENV B=$A | env | PATH A=e B=e",
        "8 CMD: the last              | FROM img; CMD [\"1\"]; CMD [\"2\"] | argv | [e] [2]",
        "8 CMD after ENTRYPOINT       | FROM img; ENTRYPOINT [\"n\"]; CMD [\"1\"] | argv | [n] [1]",
        "8 CMD [] counts as one        | FROM img; CMD []; ENTRYPOINT [\"n\"] | argv | [n] null",
        "8 CMD leaves ENTRYPOINT      | FROM img; CMD x | argv | [e] [/sh, -x, x]",
        "8 ENTRYPOINT clears CMD      | FROM img; ENTRYPOINT [\"n\"] | argv | [n] null",
        "8 but not the stage's own    | FROM img; CMD [\"1\"]; ENTRYPOINT [\"n\"] | argv | [n] [1]",
        "8 that of a base stage       | FROM none AS a; CMD [\"1\"]; FROM a; ENTRYPOINT [\"n\"] |"
            + " argv | [n] null",
        "8 [] resets                  | FROM img; ENTRYPOINT []; CMD [] | argv | null null",
        "8 no text                    | FROM none; CMD | argv | null [/bin/sh, -c, ]",
        "8 no JSON is shell form      | FROM none; CMD ['a'] | argv | null [/bin/sh, -c, ['a']]",
        "8 exec form as it is         | FROM none; CMD [\"$A\", \"\\u00e9\"] | argv | null [$A, é]",
        "8 SHELL holds from its line  | FROM none; CMD a; SHELL [\"b\"]; ENTRYPOINT c | argv |"
            + " [b, c] [/bin/sh, -c, a]",
        "8 STOPSIGNAL as written      | FROM none; ENV S=rtmin+3; STOPSIGNAL $S | stop | rtmin+3",
        "8 STOPSIGNAL, the last        | FROM img; STOPSIGNAL 9; STOPSIGNAL HUP | stop | HUP",
        "8 SHELL is inherited          | FROM img AS a; FROM a; CMD x | argv | [e] [/sh, -x, x]",
        "8 MAINTAINER, the last        | FROM none; MAINTAINER a; MAINTAINER b | author | b",
        "8 MAINTAINER                 | FROM none; MAINTAINER A $X <a@b> | author | A $X <a@b>",
        "8 ONBUILD as it is written   | FROM none; ONBUILD  RUN a  \"$B\" | onbuild |"
            + " [RUN a  \"$B\"]",
        "8 in the child, once         | FROM none AS a; ONBUILD ENV X=1; FROM a AS b; FROM b | env"
            + " | PATH X=1",
        "8 before the child's lines   | FROM none AS a; ONBUILD ENV X=1; FROM a; ENV X=2 | env |"
            + " PATH X=2",
        "8 in their order             | FROM none AS a; ONBUILD ENV X=1; ONBUILD ENV Y=$X; FROM a |"
            + " env | PATH X=1 Y=1",
        "8 any letters                 | FROM none AS a; onbuild env X=1; FROM a | env | PATH X=1",
        "8 not in the stage itself    | FROM none; ONBUILD ENV X=1 | env | PATH",
        "12 FROM in other letters     | FROM img AS app; FROM App; USER x | user | x",
        "12 here-documents of a name  | FROM none; COPY <<f <<f /d/;1;f;2;f | target | 1 steps",
      })
  void makesOfTheConfig(String rule, String dockerfile, String field, String expected) {
    assertEquals(expected == null ? "" : expected, field(bench(dockerfile).plan(), field));
  }

  @ParameterizedTest(name = "{0}", quoteTextArguments = false)
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "8 HEALTHCHECK, shell form  | HEALTHCHECK CMD a $B | [CMD-SHELL, a $B] 0 0 0",
        "8 exec form, any case      | HEALTHCHECK --retries=2 cmd [\"a\"] | [CMD, a] 0 0 2",
        "8 its times                | HEALTHCHECK --interval=1m30s --timeout=5ms CMD a |"
            + " [CMD-SHELL, a] 90000 5 0",
        "8 0 is the default         | HEALTHCHECK --interval=0 --retries=0 CMD a |"
            + " [CMD-SHELL, a] 0 0 0",
        "8 NONE                     | HEALTHCHECK none | [NONE] 0 0 0",
        "8 the last one             | HEALTHCHECK CMD a; HEALTHCHECK NONE | [NONE] 0 0 0",
      })
  void checksHealth(String rule, String instructions, String expected) {
    var image = bench("FROM none; " + instructions).config();
    var health =
        Optional.ofNullable(image.healthcheck())
            .orElse(new Healthcheck(List.of(), DAY, DAY, DAY, DAY, 0));
    assertEquals(
        expected,
        "%s %d %d %d"
            .formatted(
                health.test(),
                health.interval().toMillis(),
                health.timeout().toMillis(),
                health.retries()));
  }

  private static final Duration DAY = Duration.ofDays(1);

  @ParameterizedTest(name = "{0}", quoteTextArguments = false)
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "3 a number is an image      | FROM scratch; FROM 0 | 0",
        "3 --from=number is a stage  | FROM scratch; FROM scratch; COPY --from=0 a / |",
        "3 an unknown --from         | FROM scratch; COPY --from=alpine:3 a / | alpine:3",
        "3 of unused stages: nothing | FROM missing AS a; FROM scratch |",
        "3 a stage hides an image    | FROM scratch AS alpine; FROM alpine |",
        "3 not before it             | FROM alpine; FROM scratch AS alpine; FROM scratch |",
        "3 no tag is latest           | FROM a/b | a/b:latest",
        "3 one that is not reached     | FROM missing AS a; FROM b AS c; COPY --from=a x /; FROM d"
            + " | d",
        "3 tag and digest            | FROM a/b:1@sha256:"
            + "0000000000000000000000000000000000000000000000000000000000000000 | a/b",
        "8 triggers name images      | FROM scratch AS a; ONBUILD COPY --from=x y /; FROM a | x",
      })
  void asksForImages(String rule, String dockerfile, String expected) {
    var asked = bench(dockerfile).asked();
    if (expected == null) {
      assertEquals(List.of(), asked);
    } else {
      assertTrue(asked.toString().contains(expected), asked.toString());
    }
  }
}
