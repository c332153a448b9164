package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A RUN runs while the layer below it is written.
class RunAheadIT {

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void importBase() {
    Tools.needRoot();
    bench.base();
  }

  private static void assertInOrder(String text, String first, String second) {
    int one = text.indexOf(first);
    int two = text.indexOf(second);
    assertTrue(
        one >= 0 && two > one, () -> first + " does not stand before " + second + ": " + text);
  }

  @Test
  void theImageIsTheOneOfStepsThatWait() {
    bench
        .file("f", "1")
        .dockerfile(
            """
            FROM base
            RUN mkdir -p /etc /d && mkdir -m 777 /t && echo 1 > /d/a && ln /d/a /d/b && rm /bin/vi \
             && echo 'late:x:77:88::/home/late:/bin/sh' >> /etc/passwd && head -c 30m /dev/zero > /z
            ENV A=1
            USER late
            RUN [ "$(id -u)" = 77 ] && stat -c '%Y %h' /d/a > /t/a && [ ! -e /bin/vi ]
            USER root
            RUN echo 2 >> /d/b && rm /z && mkdir /bin/vi && echo "in $A"
            COPY f /d/f
            RUN chmod 700 /d && touch /d/e
            """);
    bench.env("SOURCE_DATE_EPOCH", "1000000000");
    var ahead = bench.jbuild("build", "-t", "it:1", "context").succeeds();
    assertInOrder(ahead.err(), "stage-0 2  RUN", "stage-0 1  done");
    bench.jbuild("build", "-t", "it:1", "context").succeeds().saysOnError("5 of 5 steps cached");
    bench.jbuild("debug", "--log", "stage-0 3").succeeds().prints("in 1");

    var waits = bench.jbuild("build", "--jobs=1", "--no-cache", "-t", "it:2", "context").succeeds();
    assertInOrder(waits.err(), "stage-0 1  done", "stage-0 2  RUN");
    assertEquals(bench.inspect("it:2").at("/Id"), bench.inspect("it:1").at("/Id"));
    bench.jbuild("store", "check").succeeds();
  }

  @Test
  void aStepThatFailsTakesNoEarlierOneWithIt() {
    bench.dockerfile(
        "FROM base\nRUN head -c 30m /dev/zero > /z\nRUN wc -c < /z; echo 3 > /k; exit 7\n");
    bench
        .jbuild("build", "-t", "it:1", "context")
        .failsWith(4)
        .saysOnError("stage-0 1  done")
        .saysOnError("Dockerfile:3:1: RUN failed with exit code 7");
    bench.jbuild("debug", "--log").succeeds().prints("31457280");
    bench.jbuild("debug", "--", "cat", "/k").succeeds().prints("3");
    bench.dockerfile("FROM base\nRUN head -c 30m /dev/zero > /z\nRUN wc -c < /z\n");
    bench.jbuild("build", "-t", "it:1", "context").succeeds().saysOnError("1 of 2 steps cached");
  }
}
