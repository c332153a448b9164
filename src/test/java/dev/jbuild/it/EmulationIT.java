package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// RUN steps for another processor, with an emulator and without.
///
/// The kernel's table of emulators is the machine's. So that nothing of it matters, and nothing in
/// it changes, jbuild runs in a user namespace with a table of its own (Linux 6.7).
class EmulationIT {

  /// Makes the directory /made: mkdirat(AT_FDCWD, "/made", 0755), exit(0).
  private static final String ARM64_CODE =
      "600c8092 e1000010 a23d80d2 480480d2 010000d4 000080d2 a80b80d2 010000d4 2f6d6164 65000000";

  /// An ELF header and a program header.
  private static final String ARM64_HEADERS =
      "7f454c46 02010100 00000000 00000000 0200b700 01000000 78004000 00000000"
          + "40000000 00000000 00000000 00000000 00000000 40003800 01004000 00000000"
          + "01000000 05000000 00000000 00000000 00004000 00000000 00004000 00000000"
          + "a0000000 00000000 a0000000 00000000 00000100 00000000";

  /// Runs its arguments as uid 0 of a namespace of ids 0 to 65535. `$TABLE` is written into its
  /// table of emulators.
  private static final String APART =
      """
      rm -f go pid && mkfifo go
      unshare --user --mount --propagation private sh -ec '
        echo $$ > pid.new && mv pid.new pid && read x < go
        mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
        [ -z "$TABLE" ] || printf %s "$TABLE" > /proc/sys/fs/binfmt_misc/register
        exec setpriv --reuid 0 --regid 0 --clear-groups "$@"' sh "$@" &
      while [ ! -s pid ]; do sleep 0.05; done
      echo "0 0 65536" > /proc/$(cat pid)/uid_map
      echo "0 0 65536" > /proc/$(cat pid)/gid_map
      echo x > go
      wait $!
      """;

  private static final String QEMU =
      ":arm64:M::\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00:"
          + "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff"
          + "\\xfe\\xff\\xff\\xff:/usr/bin/qemu-aarch64-static:";

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void makeAForeignBase() throws IOException {
    Tools.needRoot();
    Tools.need("qemu-aarch64-static");
    bench.file("f", "content").dockerfile("FROM scratch\nCOPY --chmod=755 make /bin/make\n");
    var program = HexFormat.of().parseHex((ARM64_HEADERS + ARM64_CODE).replace(" ", ""));
    Files.write(bench.context().resolve("make"), program);
    apart("", "-t", "base", "--platform=linux/arm64", "context").succeeds();
    bench.dockerfile("FROM base\nCOPY f /\nRUN [\"make\"]\nRUN [\"/bin/make\"]\n");
  }

  /// Runs jbuild with a table of emulators that has this line, or none.
  private Outcome apart(String table, String... arguments) {
    var command = new ArrayList<String>();
    command.addAll(List.of("sh", "-ec", APART, "sh"));
    command.addAll(bench.command(arguments));
    var environment = new TreeMap<>(bench.environment());
    environment.put("TABLE", table);
    return Tools.run(bench.directory(), environment, command);
  }

  @Test
  void aForeignStepRunsInAnEmulatorOrIsRefusedBeforeTheFirstStep() {
    var build = new String[] {"-t", "it:1", "--platform=linux/arm64", "context"};
    apart("", build)
        .failsWith(8)
        .saysOnError("Dockerfile:3:1: RUN: programs for linux/arm64 do not run on this machine")
        .saysOnError("RUN [\"make\"]")
        .saysOnError("apt install qemu-user-static")
        .saysOnError("tonistiigi/binfmt --install arm64")
        .doesNotSay("COPY f");

    bench.dockerfile("FROM base\nCOPY f /\nRUN [\"make\"]\nUSER 7\n");
    var built = apart(QEMU + "F", build).succeeds();
    assertTrue(built.err().contains("stage-0 2  done"), built.err());
    var image = Workbench.json(apart("", "inspect", "it:1").succeeds().out()).get(0);
    assertEquals("arm64", image.at("/Architecture").asText());
    assertEquals(3, image.at("/RootFS/Layers").size());
    apart("", "-o", "out", "--platform=linux/arm64", "context")
        .succeeds() // a cached step needs no emulator
        .saysOnError("2 of 2 steps cached");
    assertTrue(Files.isDirectory(bench.directory().resolve("out/made")));

    apart("", "run", "--platform=linux/arm64", "it:1", "make")
        .failsWith(126)
        .saysOnError("qemu-user-static");
    apart(QEMU + "F", "run", "-u", "0", "it:1", "make").succeeds();
  }

  @Test
  void anEmulatorThatTheImageBringsIsFoundThere() {
    bench.sh("cp /usr/bin/qemu-aarch64-static context/qemu");
    bench.dockerfile("FROM base\nCOPY qemu /usr/bin/qemu-aarch64-static\nRUN [\"make\"]\n");
    apart(QEMU, "--platform=linux/arm64", "-o", "out", "context").succeeds();
    assertTrue(Files.isDirectory(bench.directory().resolve("out/made")));
    bench.dockerfile("FROM base\nRUN [\"make\"]\n");
    apart(QEMU, "--platform=linux/arm64", "context").failsWith(4).saysOnError("without flag F");
  }
}
