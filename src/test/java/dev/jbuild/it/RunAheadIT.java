package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
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
    assertTrue(
        isInOrder(text, first, second),
        () -> first + " does not stand before " + second + ": " + text);
  }

  private static boolean isInOrder(String text, String first, String second) {
    int one = text.indexOf(first);
    return one >= 0 && text.indexOf(second) > one;
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
    for (int i = 0; i < 5 && !isInOrder(ahead.err(), "stage-0 2  RUN", "stage-0 1  done"); i++) {
      // A machine that stood still may have written the layer meanwhile.
      ahead = bench.jbuild("build", "--no-cache", "-t", "it:1", "context").succeeds();
    }
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
        "FROM base\nRUN head -c 80m /dev/zero > /z\nRUN ls -l /z; echo 3 > /k; exit 7\n");
    var failed = bench.jbuild("build", "-t", "it:1", "context").failsWith(4);
    for (int i = 0; i < 5 && !failed.err().contains("waits for its layer"); i++) {
      // A machine that stood still may have written the layer meanwhile.
      failed = bench.jbuild("build", "--no-cache", "-t", "it:1", "context").failsWith(4);
    }
    failed.saysOnError("Dockerfile:3:1: RUN failed with exit code 7");
    // What failed is told before the layer below is there, which is waited for.
    assertInOrder(failed.err(), "stage-0 2  failed  exit code 7", "stage-0 1  waits for its layer");
    assertInOrder(failed.err(), "stage-0 1  waits for its layer", "stage-0 1  done");
    bench.jbuild("debug", "--log").succeeds().prints("83886080");
    bench.jbuild("debug", "--", "cat", "/k").succeeds().prints("3");
    bench.dockerfile("FROM base\nRUN head -c 80m /dev/zero > /z\nRUN wc -c < /z\n");
    bench.jbuild("build", "-t", "it:1", "context").succeeds().saysOnError("1 of 2 steps cached");
  }

  /// Case 107: what failed is told, not the step that ran meanwhile.
  @Test
  void aLayerForWhichThereIsNoRoomIsWhyTheBuildFails() {
    bench.dockerfile("FROM base\nRUN head -c 35m /dev/zero > /z\nRUN echo ran\n");
    var script =
        "mkdir full; mount -t tmpfs -o size=60m x full; export JBUILD_ROOT=$PWD/full/s;"
            + " $0 import -q base.tar base; $0 build -t it:1 context || code=$?;"
            + " ls -A full/s/tmp; $0 store check; exit $code";
    var command = List.of("unshare", "-m", "sh", "-ec", script, bench.command().getFirst());
    var built = Tools.run(bench.directory(), bench.environment(), command);
    built
        .failsWith(7)
        .saysOnError("stage-0 2  RUN echo ran")
        .saysOnError("stage-0 1  failed")
        .saysOnError("Dockerfile:2:1: no space left on device")
        .saysOnError("the store is in order");
    assertEquals(1, built.text().lines().count(), "nothing is left beside the ID of the base");
  }
}
