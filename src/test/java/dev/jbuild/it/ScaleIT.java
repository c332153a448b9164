package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Real sizes: 20,000 files, a file of 1 GiB, 120 layers. Memory stays flat, everything streams.
class ScaleIT {

  private static final int MOST_KILOBYTES = 300 * 1024;
  private static final Pattern PEAK = Pattern.compile("Maximum resident set size.*: (\\d+)");

  @RegisterExtension final Workbench bench = new Workbench();

  /// Runs jbuild and checks its peak memory.
  private Outcome measured(String... arguments) {
    Tools.need("time");
    var command = new java.util.ArrayList<>(List.of("/usr/bin/time", "-v"));
    command.addAll(bench.longRuns().command(arguments));
    var outcome = Tools.run(bench.directory(), bench.environment(), command).succeeds();
    var peak = PEAK.matcher(outcome.err());
    assertTrue(peak.find(), outcome::toString);
    assertTrue(Integer.parseInt(peak.group(1)) < MOST_KILOBYTES, peak.group());
    return outcome;
  }

  /// Case 138, as many as a test has time for.
  @Test
  void twentyThousandFiles() {
    bench.sh(
        """
        cd context && for d in $(seq 200); do
          mkdir $d; for f in $(seq 100); do echo $d $f > $d/$f; done; done
        """);
    bench.dockerfile("FROM scratch\nCOPY . /files/\n");
    measured("-t", "it:1", "-o", "type=tar,dest=root.tar", "context");
    assertEquals("20001", bench.sh("tar -tf root.tar | grep -v '/$' | wc -l").text());
    measured("-t", "it:1", "context").saysOnError("1 of 1 steps cached");
    bench.sh("echo changed > context/100/50");
    measured("-t", "it:1", "context").saysOnError("rebuilt from stage-0 1: 100/50 changed");
  }

  @Test
  void aFileOfOneGibibyte() {
    bench.sh("head -c 1073741824 /dev/urandom > context/big");
    bench.dockerfile("FROM scratch\nCOPY big /big\n");
    measured("-t", "it:1", "-o", "type=tar,dest=root.tar", "context");
    assertEquals("", bench.sh("tar -xOf root.tar big | cmp - context/big").text());
  }

  @Test
  void aHundredAndTwentyLayers() {
    Tools.needRoot();
    bench.base();
    var dockerfile = new StringBuilder("FROM base\n");
    for (int i = 0; i < 118; i++) {
      bench.file("f" + i, String.valueOf(i));
      dockerfile.append("COPY f").append(i).append(" /d/\n");
    }
    dockerfile.append("RUN cat /d/* | wc -l > /lines; ls /d | wc -l > /count\n");
    var image = bench.dockerfile(dockerfile.toString()).build();
    assertEquals(120, image.at("/RootFS/Layers").size());
    assertEquals("118", bench.jbuild("run", "it:1", "cat", "/count").succeeds().text());
  }
}
