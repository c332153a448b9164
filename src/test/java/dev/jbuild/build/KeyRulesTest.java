package dev.jbuild.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.plan.CopyStep;
import dev.jbuild.plan.RunStep;
import dev.jbuild.sandbox.Network;
import dev.jbuild.sandbox.Quota;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is part of a step's key, a row a rule: whether two Dockerfiles have the same last step. The
/// numbers are the sections of the language's reference (5 RUN, 6.7 COPY and ADD).
///
/// `;` ends a line.
class KeyRulesTest {

  private static final StepSettings USUAL =
      new StepSettings(
          Network.HOST,
          Secrets.NONE,
          SshAgents.NONE,
          false,
          List.of(),
          OptionalLong.empty(),
          List.of(),
          Quota.NONE,
          Optional.empty());

  private static String key(String dockerfile) {
    return key(dockerfile, USUAL);
  }

  private static String key(String dockerfile, StepSettings settings) {
    var text = "FROM scratch AS one\nFROM scratch\n" + dockerfile.replace("; ", "\n");
    return switch (CopyBench.plan(text)) {
      case RunStep run ->
          RunInputs.of(run, new StepInputs("run"), new RunLayer.Surroundings("h", settings))
              .key()
              .toString();
      case CopyStep copy -> CopyText.canonical(copy);
      default -> throw new IllegalArgumentException(dockerfile);
    };
  }

  @ParameterizedTest(name = "{0}", quoteTextArguments = false)
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "5 the command                  | RUN x | RUN y | other",
        "5 exec form of the same        | RUN x | RUN [\"/bin/sh\", \"-c\", \"x\"] | same",
        "5 arguments, not their text    | RUN [\"a\", \"b c\"] | RUN [\"a b\", \"c\"] | other",
        "5 the shell                    | RUN x | SHELL [\"sh\", \"-c\"]; RUN x | other",
        "5 comments in it               | RUN x y | RUN x \\; # c; y | same",
        "5 an ENV, used or not          | ENV A=1; RUN x | ENV A=2; RUN x | other",
        "5 an ENV or none               | RUN x | ENV A=; RUN x | other",
        "5 an ARG, used or not          | ARG A=1; RUN x | ARG A=2; RUN x | other",
        "5 an ARG without a value       | RUN x | ARG A; RUN x | same",
        "5 an ARG below it              | RUN x | RUN x; ARG A=1; RUN x | other",
        "5 ENV or ARG                   | ENV A=1; RUN x | ARG A=1; RUN x | same",
        "5 the user                     | RUN x | USER u; RUN x | other",
        "5 the directory                | WORKDIR /a; RUN x | WORKDIR /b; RUN x | other",
        "5 what it is called            | WORKDIR /a; RUN x | WORKDIR /b/../a; RUN x | same",
        "5 the network                  | RUN x | RUN --network=none x | other",
        "5 the usual network            | RUN x | RUN --network=default x | same",
        "5 security                     | RUN x | RUN --security=insecure x | other",
        "5 usual security               | RUN x | RUN --security=sandbox x | same",
        "5 labels and the like          | RUN x | LABEL a=b; CMD c; EXPOSE 1; VOLUME /v;"
            + " STOPSIGNAL 9; HEALTHCHECK NONE; ENTRYPOINT e; ONBUILD RUN y; RUN x | same",
        "5 a mount                      | RUN x | RUN --mount=target=/t x | other",
        "5 its target                   | RUN --mount=target=/t x | RUN --mount=target=/u x |"
            + " other",
        "5 its target, spelled          | RUN --mount=target=/t x | RUN --mount=dst=/u/../t/ x |"
            + " same",
        "5 the type of it               | RUN --mount=type=tmpfs,target=/t x | RUN"
            + " --mount=type=cache,target=/t x | other",
        "5 whether it can be written    | RUN --mount=target=/t x | RUN --mount=target=/t,rw x |"
            + " other",
        "5 the order of mounts          | RUN --mount=target=/t --mount=target=/u x | RUN"
            + " --mount=target=/u --mount=target=/t x | other",
        "5 the name of a bound stage    | RUN --mount=from=one,target=/t x | RUN"
            + " --mount=from=ONE,target=/t x | same",
        "5 the id of a cache            | RUN --mount=type=cache,target=/t x | RUN"
            + " --mount=type=cache,target=/t,id=c x | same",
        "5 the target of a cache        | RUN --mount=type=cache,id=c,target=/t x | RUN"
            + " --mount=type=cache,id=c,target=/u x | other",
        "5 how a cache is shared        | RUN --mount=type=cache,target=/t x | RUN"
            + " --mount=type=cache,target=/t,sharing=locked x | same",
        "5 owner and mode of a cache    | RUN --mount=type=cache,target=/t x | RUN"
            + " --mount=type=cache,target=/t,mode=700,uid=1,gid=1 x | same",
        "5 whether a cache is read-only | RUN --mount=type=cache,target=/t x | RUN"
            + " --mount=type=cache,target=/t,ro x | other",
        "5 the size of memory           | RUN --mount=type=tmpfs,target=/t x | RUN"
            + " --mount=type=tmpfs,target=/t,size=1m x | other",
        "5 the id of a secret           | RUN --mount=type=secret,id=a,target=/t x | RUN"
            + " --mount=type=secret,id=b,target=/t x | other",
        "5 its variable                 | RUN --mount=type=secret,id=a,env=A x | RUN"
            + " --mount=type=secret,id=a,env=B x | other",
        "5 its mode                     | RUN --mount=type=secret,id=a x | RUN"
            + " --mount=type=secret,id=a,mode=0444 x | other",
        "5 its owner                    | RUN --mount=type=secret,id=a x | RUN"
            + " --mount=type=secret,id=a,uid=1 x | other",
        "5 its group                    | RUN --mount=type=secret,id=a x | RUN"
            + " --mount=type=secret,id=a,gid=1 x | other",
        "5 whether it is required       | RUN --mount=type=secret,id=a x | RUN"
            + " --mount=type=secret,id=a,required x | same",
        "5 the id of an agent           | RUN --mount=type=ssh x | RUN --mount=type=ssh,id=k x |"
            + " other",
        "5 a script                     | RUN <<E; #!/bin/a; 1; E | RUN <<E; #!/bin/a; 2; E |"
            + " other",
        "6.7 the destination            | COPY a /x | COPY a /y | other",
        "6.7 a slash behind it          | COPY a /x | COPY a /x/ | other",
        "6.7 spelled in another way     | COPY a /x/ | COPY a /y/../x/. | same",
        "6.7 from where it is seen      | WORKDIR /w; COPY a x | COPY a /w/x | same",
        "6.7 COPY or ADD                | COPY a /x | ADD a /x | other",
        "6.7 --chown                    | COPY a /x | COPY --chown=1 a /x | other",
        "6.7 --chmod                    | COPY a /x | COPY --chmod=1 a /x | other",
        "6.7 --link                     | COPY a /x | COPY --link a /x | other",
        "6.7 --link=false               | COPY a /x | COPY --link=false a /x | same",
        "6.7 --parents                  | COPY a /x | COPY --parents a /x | other",
        "6.7 --exclude                  | COPY --exclude=a . /x | COPY --exclude=b . /x | other",
        "6.7 the order of excludes      | COPY --exclude=a --exclude=!b . /x | COPY --exclude=!b"
            + " --exclude=a . /x | other",
        "6.7 two excludes are not one   | COPY --exclude=a --exclude=b . /x | COPY --exclude='a b'"
            + " . /x | other",
        "6.7 --unpack                   | ADD a /x | ADD --unpack=false a /x | other",
        "6.7 --unpack as it is anyway   | ADD a /x | ADD --unpack a /x | same",
        "6.7 the name of a stage        | COPY --from=one a /x | COPY --from=0 a /x | same",
        "6.7 variables                  | ENV A=x; COPY a /$A | ENV A=y; COPY a /x | same",
        "6.7 a changed variable         | ENV A=x; COPY a /$A | ENV A=y; COPY a /$A | other",
        "6.7 labels and the like        | COPY a /x | LABEL a=b; USER u; COPY a /x | same",
      })
  void aStepIs(String rule, String one, String another, String expected) {
    assertEquals(expected, key(one).equals(key(another)) ? "same" : "other");
  }

  @ParameterizedTest(name = "{0}", quoteTextArguments = false)
  @CsvSource(
      delimiter = '|',
      value = {
        "5 a name that is added       | h=1.2.3.4 |                | other",
        "5 its address                | h=1.2.3.4 | h=1.2.3.5      | same",
        "5 the order of names         | h=1 i=2   | i=2 h=1        | same",
        "5 a name for another         | h=1       | i=1            | other",
      })
  void hostsOfTheCommandLineAre(String rule, String one, String another, String expected) {
    assertEquals(expected, hosts(one).equals(hosts(another)) ? "same" : "other");
  }

  private static String hosts(String text) {
    var hosts =
        text == null
            ? List.<StepSettings.Host>of()
            : List.of(text.split(" ")).stream()
                .map(each -> each.split("=", 2))
                .map(each -> new StepSettings.Host(each[0], each[1]))
                .toList();
    var settings =
        new StepSettings(
            USUAL.network(),
            USUAL.secrets(),
            USUAL.agents(),
            false,
            hosts,
            USUAL.sharedMemory(),
            USUAL.limits(),
            USUAL.quota(),
            USUAL.sandbox());
    return key("RUN x", settings);
  }
}
