package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Progress and logs show instructions as they were written, blanks aside.
class InstructionTextTest {

  private static String shown(String instruction) {
    return PlanBench.of("FROM scratch\n" + instruction + "\n").steps().getFirst().instruction();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ARG a=$b c",
        "ENV A=1 B=2",
        "LABEL x=y",
        "USER u:g",
        "VOLUME /a /b",
        "EXPOSE 80 81-82/udp",
        "CMD x y",
        "CMD [\"x\", \"y\"]",
        "ENTRYPOINT [\"a\\\"b\"]",
        "SHELL [\"/s\", \"-c\"]",
        "STOPSIGNAL TERM",
        "HEALTHCHECK NONE",
        "HEALTHCHECK CMD x",
        "MAINTAINER me",
        "WORKDIR /w w",
        "COPY a b /d/",
        "COPY --chown=1:2 --chmod=u+x --link --exclude=*.md a /d/",
        "COPY --parents a /d/",
        "ADD --checksum=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
            + " http://h/f /",
        "ADD --keep-git-dir=true --unpack=false https://h/r.git /",
        "RUN --network=none make all",
        "RUN [\"make\", \"all\"]",
        "RUN --security=insecure x",
        "ONBUILD RUN x",
      })
  void itIsWhatWasWritten(String instruction) {
    assertEquals(instruction, shown(instruction));
  }

  @Test
  void theRestIsCutShort() {
    assertEquals(
        List.of("RUN make all", "RUN <<E (first…)", "COPY <<E /x"),
        List.of(
            shown("run make \\\n   all"),
            shown("RUN <<E\nfirst\nsecond\nE"),
            shown("COPY <<E /x\nb\nE")));
  }
}
