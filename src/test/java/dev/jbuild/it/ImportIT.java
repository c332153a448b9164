package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `jbuild import`, from every form that a root file system comes in.
class ImportIT {

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void makeARoot() {
    Tools.needRoot();
    bench.base();
    bench.sh(
        """
        cd rootfs && mkdir -p dev etc d && mknod dev/null c 1 3 && mkfifo d/pipe
        echo x > d/f && ln d/f d/g && ln -s f d/l && chown 12:34 d/f && chmod 4755 d/f
        setfattr -n user.comment -v hello d/f
        printf 'latin' > "$(printf 'd/\\351')"
        """);
  }

  private String layerOf(String image) {
    return bench.inspect(image).at("/RootFS/Layers/0").asText();
  }

  @Test
  void everyFormGivesAnImageThatRuns() throws Exception {
    bench.sh(
        """
        tar -C rootfs --xattrs --numeric-owner --sort=name -cf r.tar .
        gzip -k r.tar; xz -k r.tar; zstd -qk r.tar; bzip2 -k r.tar
        """);
    bench.jbuild("import", "-q", "r.tar", "plain").succeeds();
    for (var form : List.of("gz", "xz", "zst", "bz2")) {
      bench.jbuild("import", "-q", "r.tar." + form, form).succeeds();
      assertEquals(layerOf("plain"), layerOf(form));
    }
    var bytes = Files.readAllBytes(bench.directory().resolve("r.tar"));
    bench.jbuild(bytes, "import", "-", "stdin").succeeds();
    assertEquals(layerOf("plain"), layerOf("stdin"));
    bench.jbuild("import", "rootfs", "directory").succeeds();
    var seen = "stat -c '%n %F %a %u:%g %h' /d/f /d/g /d/l /d/pipe";
    assertEquals(
        bench.jbuild("run", "plain", "sh", "-c", seen).succeeds().text(),
        bench.jbuild("run", "directory", "sh", "-c", seen).succeeds().text());
  }

  /// Java does the same, in twice the time: what was done tells who did it.
  @Test
  void longArchivesGoThroughTheProgramsOfTheSystem() {
    bench.sh(
        """
        head -c 3000000 /dev/urandom > rootfs/noise
        tar -C rootfs -cf r.tar . && xz -k r.tar && bzip2 -k r.tar && mkdir path
        for name in xz bzip2; do
          printf '#!/bin/sh\n: > called-%s\nexec %s "$@"\n' $name "$(command -v $name)" > path/$name
          chmod 755 path/$name
        done
        """);
    bench.env("PATH", bench.directory().resolve("path") + ":" + System.getenv("PATH"));
    bench.jbuild("import", "-q", "r.tar", "plain").succeeds();
    bench.sh("test ! -e called-xz && test ! -e called-bzip2");
    bench.jbuild("import", "-q", "r.tar.xz", "xz").succeeds();
    bench.jbuild("import", "-q", "r.tar.bz2", "bz2").succeeds();
    bench.sh("test -e called-xz && test -e called-bzip2");
    assertEquals(layerOf("plain"), layerOf("xz"));
    assertEquals(layerOf("plain"), layerOf("bz2"));
  }

  @Test
  void ownersModesLinksDevicesAttributesAndNamesAreKept() { // cases 16-18, 28
    bench.jbuild("import", "-q", "rootfs", "r").succeeds();
    bench.env("LC_ALL", "C");
    bench.dockerfile("FROM r\nRUN touch /new\n").build("-o", "type=tar,dest=out.tar");
    var listing = bench.sh("tar --xattrs --xattrs-include='*' --numeric-owner -tvvf out.tar").out();
    assertTrue(listing.contains("crw-r--r--  0/0") || listing.contains("crw-r--r-- 0/0"), listing);
    assertTrue(listing.contains("-rwsr-xr-x* 12/34"), listing);
    assertTrue(listing.contains("user.comment"), listing);
    assertTrue(listing.contains("d/\\351"), listing);
  }

  @Test
  void changesAndMessageGoIntoTheConfig() {
    bench.sh("tar -C rootfs -cf r.tar .");
    bench
        .jbuild(
            "import",
            "-c",
            "CMD [\"sh\"]",
            "--change",
            "ENV A=1",
            "-m",
            "hello there",
            "--platform",
            "linux/arm64",
            "r.tar",
            "r:2")
        .succeeds();
    var image = bench.inspect("r:2");
    assertEquals("sh", image.at("/Config/Cmd/0").asText());
    assertEquals("arm64", image.at("/Architecture").asText());
    bench.jbuild("history", "--no-trunc", "r:2").succeeds().prints("hello there");
    bench.jbuild("import", "-c", "RUN true", "r.tar").failsWith(2).saysOnError("--change");
  }

  @Test
  void theLastOfANameWins() { // case 27
    bench.sh(
        """
        mkdir a b; echo one > a/x; echo two > b/x
        tar -cf dup.tar -C a x; tar -rf dup.tar -C ../b x
        """
            .replace("../b", "b"));
    bench.jbuild("import", "dup.tar", "dup").succeeds().saysOnError("more than once");
    bench.dockerfile("FROM dup\n").build("-o", "type=local,dest=out");
    assertEquals("two", bench.sh("cat out/x").text());
  }
}
