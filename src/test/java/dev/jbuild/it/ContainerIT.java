package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Containers that are run, kept, looked at, and made into images.
class ContainerIT {

  @RegisterExtension final Workbench desk = new Workbench();

  private static final String ANN = "ANN=ann:x:1234:50::/d:/bin/sh";

  private void keepWork() {
    var script =
        "echo $TOKEN > /new; rm /etc/group; echo $ANN >> /etc/passwd; chmod 700 /tmp; mkdir /d;"
            + " chown 1000:50 /d; ln -s d /link; exit 3";
    desk.jbuild(
            "run", "--name", "work", "-e", "TOKEN=S3CR3T-1", "-e", ANN, "base", "sh", "-c", script)
        .failsQuietlyWith(3);
  }

  @ParameterizedTest
  @EnumSource(Workbench.Who.class)
  void aContainerIsKeptComparedAndCommitted(Workbench.Who who) {
    desk.as(who).base();
    keepWork();

    assertEquals(
        """
        A /d
        D /etc/group  (37B)
        C /etc/passwd  (68B -> 94B, content)
        A /link
        A /new  (9B)
        C /tmp  (mode 1777 -> 0700)
        """
            .stripTrailing(),
        desk.jbuild("diff", "work").saysOnError("3 added, 2 changed, 1 deleted, -2B").text());

    desk.jbuild(
            "start",
            "-v.:/desk:ro",
            "work",
            "sh",
            "-c",
            "cat /new; rm /new; ls /desk >/d/f; ln /bin/busybox /bin/also; chmod 711 /bin/busybox")
        .succeeds()
        .prints("S3CR3T-1");
    desk.jbuild("diff", "work").prints("C /bin/busybox  (mode 0755 -> 0711)"); // not its content
    aProcessFindsWhatWasChangedByHand();
    desk.jbuild("commit", "-c", "CMD [\"cat\", \"/d/f\"]", "-c", "ENV A=b", "work", "mine:1")
        .succeeds();
    desk.jbuild("run", "mine:1").succeeds().prints("context");
    desk.jbuild("run", "mine:1", "stat", "-c", "%u:%g", "/d").succeeds().prints("1000:50");
    // Variables are written down nowhere, and what was removed is in no layer.
    assertFalse(desk.sh("grep -rl S3CR3T-1 store || true").out().contains("/"));
  }

  /// Not the image's: a user, a link on the way to a mount, and a file that is gone.
  private void aProcessFindsWhatWasChangedByHand() {
    desk.sh("echo crew:x:50: > group");
    desk.jbuild(
            "start",
            "-uann",
            "-v.:/link/desk:ro",
            "-v./group:/etc/group:ro",
            "work",
            "sh",
            "-c",
            "id; echo $HOME; ls /d/desk/group")
        .succeeds()
        .prints("uid=1234(ann) gid=50(crew) groups=50(crew)\n/d\n/d/desk/group\n");
  }

  @Test
  void whatIsKeptHasANameAndGoesOnRequest() {
    desk.base();
    keepWork();

    desk.jbuild("run", "--name", "work", "base", "true").failsWith(125).saysOnError("work already");
    var row = Workbench.json(desk.jbuild("ps", "--json").succeeds().out());
    assertEquals("work base container 3", row(row));
    desk.jbuild("commit", "--author=me", "-m", "by hand", "work", "mine:1").succeeds();
    assertEquals("me", desk.inspect("mine:1").get("Author").asText());
    desk.jbuild("history", "--no-trunc", "mine:1") // case 105
        .prints("jbuild commit: container of base: sh -c echo $TOKEN")
        .prints("by hand");
    assertEquals(
        desk.jbuild("diff", "mine:1").text(), desk.jbuild("diff", "base", "mine:1").text());
    assertEquals("", desk.jbuild("diff", "mine:1~1", "base").succeeds().text());

    desk.jbuild("prune", "-f").succeeds();
    desk.jbuild("rm", "work", "work").failsWith(7).prints("work").saysOnError("no kept container");
    assertEquals("", desk.jbuild("ps", "-q").succeeds().text());
    desk.jbuild("store", "check").succeeds();
  }

  @Test
  void aContainerWhoseOutputNobodyReadsIsKept() {
    desk.base();
    desk.sh(
            "\"$1\" run --root store --keep base sh -c 'touch /new; yes' 2>err | head -n 1; cat"
                + " err",
            desk.command().getFirst())
        .prints("kept as ");
    var row = Workbench.json(desk.jbuild("ps", "--json").succeeds().out());
    assertEquals(" base container 141", row(row));
    var changed = desk.jbuild("diff", "--format", "{{.Kind}} {{.Path}}", row.get("ID").asText());
    assertEquals("added /new", changed.succeeds().text());
    desk.jbuild("rm", "--filter", "exited=141").succeeds().prints(row.get("ID").asText());
  }

  private static String row(JsonNode row) {
    return String.join(
        " ",
        row.get("Names").asText(),
        row.get("Image").asText(),
        row.get("Kind").asText(),
        row.get("ExitCode").asText());
  }

  @Test
  void filesOfTheMachineAndOfOtherContainersAreMounted() throws Exception {
    // /mnt is a link that would lead out of the image.
    desk.base()
        .dockerfile(
            """
            FROM base
            RUN mkdir /data m && echo 1 > /data/1 && ln -s ../../../m /mnt
            VOLUME /data
            """);
    desk.sh(
        "mkdir -p host/sub; touch host/sub/g; echo hello > host/f; printf 'A=1 2\\nHOME\\n' > env");
    desk.build();
    var script =
        "cat f sub/g; echo $A; df -k /t | tail -n 1; echo 2 > /data/two; touch x || exit 9";
    var seen =
        desk.jbuild(
            "run",
            "--name=owner",
            "-v",
            "./host:/mnt/h:ro",
            "--mount=type=bind,src=./host/f,dst=/mnt/h/sub/g",
            "--env-file=env",
            "--tmpfs=/t:size=64k",
            "-p8080:80",
            "-w/none/../mnt/h",
            "it:1",
            "sh",
            "-c",
            script);
    assertEquals(9, seen.exitCode(), seen::toString);
    seen.prints("hello\nhello\n1 2\ntmpfs                       64 ")
        .saysOnError("at 80 of this machine, not at 8080");
    assertFalse(Files.exists(desk.directory().resolve("host/x")));

    desk.jbuild(
            "run",
            "--volumes-from=owner:ro",
            "--volumes-from=owner",
            "it:1",
            "sh",
            "-c",
            "cat /mnt/h/f /data/*; echo 3 > /data/3")
        .succeeds()
        .prints("hello\n1\n2\n");
    desk.jbuild("run", "--volumes-from=owner:ro", "it:1", "sh", "-c", "cat /data/3; touch /data/4")
        .failsQuietlyWith(1)
        .prints("3\n");
    desk.jbuild("rm", "-f", "owner", "missing").succeeds();
  }

  @Test
  void standardErrorStaysApartAndSignalsArePassedOn() throws Exception {
    desk.base()
        .dockerfile("FROM base\nWORKDIR /none/../made/.\nCMD [\"pwd\"]\nSTOPSIGNAL SIGUSR1\n");
    desk.build();
    desk.jbuild("run", "it:1").succeeds().prints("/made\n"); // the config has it as written
    var both = desk.jbuild("run", "it:1", "sh", "-c", "echo out; echo err >&2; exit 5");
    assertEquals("5 out err", both.exitCode() + " " + both.text() + " " + both.err().strip());

    var script = "trap 'echo stopped; exit 6' USR1; echo ready; while :; do sleep 0.05; done";
    var builder = new ProcessBuilder(desk.command("run", "it:1", "sh", "-c", script));
    builder.environment().putAll(desk.environment());
    var process = builder.start();
    var lines = process.inputReader();
    assertEquals("ready", lines.readLine());
    process.toHandle().destroy(); // SIGTERM: what docker stop would send is the image's STOPSIGNAL
    assertEquals("stopped", lines.readLine());
    assertEquals(6, process.waitFor());
  }
}
