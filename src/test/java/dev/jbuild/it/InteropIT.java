package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Other people's tools accept what jbuild writes, and jbuild accepts what they write.
class InteropIT {

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void buildAnImage() {
    Tools.needRoot();
    bench.base().file("f", "content");
    bench
        .dockerfile(
            """
            FROM base
            COPY --chown=7:8 --chmod=705 f /d/
            RUN ln /d/f /d/g && ln -s f /d/l && rm /bin/vi && rm -rf /root && mkdir -m 711 /root
            LABEL who=me
            CMD ["cat", "/d/g"]
            """)
        .build(
            "-o",
            "type=oci,dest=oci.tar",
            "-o",
            "type=docker,dest=docker.tar",
            "-o",
            "type=oci,dest=zstd.tar,compression=zstd",
            "-o",
            "type=oci,dest=layout/",
            "-o",
            "type=tar,dest=root.tar");
  }

  @Test
  void skopeoReadsEveryForm() {
    Tools.need("skopeo");
    for (var source :
        List.of(
            "oci-archive:oci.tar",
            "oci-archive:zstd.tar",
            "docker-archive:docker.tar",
            "oci:layout:1",
            "oci:store:docker.io/library/it:1")) {
      var config = bench.sh("skopeo inspect --config \"$1\"", source).out();
      assertEquals("me", Workbench.json(config).at("/config/Labels/who").asText(), source);
      bench.sh("rm -rf copied && skopeo copy -q \"$1\" dir:copied", source);
    }
  }

  @Test
  void umociUnpacksAndRuncRuns() {
    Tools.need("umoci");
    Tools.need("runc");
    bench.sh("skopeo copy -q oci-archive:oci.tar oci:u:1 && umoci unpack --image u:1 bundle");
    assertEquals("705 7:8 2", bench.sh("stat -c '%a %u:%g %h' bundle/rootfs/d/f").text());
    bench.sh("[ ! -e bundle/rootfs/bin/vi ] && [ -d bundle/rootfs/root ]");
    bench.sh(
        """
        python3 - <<'EOF'
        import json
        path = "bundle/config.json"
        config = json.load(open(path))
        config["process"]["terminal"] = False
        config["process"]["rlimits"] = []
        json.dump(config, open(path, "w"))
        EOF
        """);
    assertEquals("content", bench.sh("runc run -b bundle jbuild-it-$$").text());
  }

  @Test
  void buildahAndPodmanLoadIt() {
    Tools.need("buildah");
    Tools.need("podman");
    var storage =
        "--root "
            + bench.directory()
            + "/cs --runroot "
            + bench.directory()
            + "/cr"
            + " --storage-driver vfs";
    for (var source : List.of("oci-archive:oci.tar", "docker-archive:docker.tar")) {
      var id = bench.sh("buildah " + storage + " pull -q " + source).text();
      var shown = bench.sh("buildah " + storage + " inspect --type image " + id).out();
      assertEquals("me", Workbench.json(shown).at("/OCIv1/config/Labels/who").asText());
    }
    assertTrue(bench.sh("podman " + storage + " load -q -i docker.tar").out().contains("it:1"));
    bench.sh("rm -rf cs cr");
  }

  @Test
  void imagesOfOthersAreBases() {
    Tools.need("buildah");
    Tools.need("skopeo");
    Tools.need("umoci");
    var storage =
        "--root "
            + bench.directory()
            + "/cs --runroot "
            + bench.directory()
            + "/cr"
            + " --storage-driver vfs";
    bench.sh(
        """
        c=$(buildah %1$s from scratch)
        buildah %1$s add -q $c base.tar /
        buildah %1$s config --env FROM=buildah --cmd /bin/sh $c
        i=$(buildah %1$s commit -q --format docker $c theirs:1)
        buildah %1$s push -q $i docker-archive:theirs.tar:theirs:1
        buildah %1$s push -q $i oci-archive:theirs-oci.tar:theirs:2
        umoci init --layout ul && umoci new --image ul:3
        umoci unpack --image ul:3 ub && tar -C ub/rootfs -xf base.tar && umoci repack --image ul:3 ub
        rm -rf cs cr
        """
            .formatted(storage));
    bench.jbuild("load", "-i", "theirs.tar").succeeds();
    bench.jbuild("load", "-i", "theirs-oci.tar").succeeds();
    bench.sh("skopeo copy -q oci:ul:3 oci-archive:umoci.tar:theirs:3");
    bench.jbuild("load", "-i", "umoci.tar").succeeds();
    for (var tag : List.of("1", "2", "3")) {
      bench.dockerfile("FROM theirs:" + tag + "\nRUN echo $FROM > /from; rm /bin/vi\n").build();
      assertEquals(
          tag.equals("3") ? "" : "buildah",
          bench.jbuild("run", "it:1", "cat", "/from").succeeds().text());
    }
  }

  @Test
  void theTarOfTheRootIsWhatTarSees() {
    var listing = bench.sh("tar --numeric-owner -tvf root.tar").out();
    assertTrue(listing.contains("-rwx---r-x 7/8"), listing);
    assertTrue(listing.contains("./d/g link to d/f") || listing.contains("d/g link to d/f"));
    assertTrue(!listing.contains(".wh."));
  }

  @Test
  void layersHoldTheChangeAndNothingElse() {
    bench.sh("skopeo copy -q oci-archive:oci.tar dir:x");
    var manifest = Workbench.json(bench.sh("cat x/manifest.json").out());
    var layer = manifest.at("/layers/2/digest").asText().substring("sha256:".length());
    assertEquals(
        """
        bin/
        bin/.wh.vi
        d/
        d/f
        d/g
        d/l
        root/\
        """,
        bench.sh("tar -tf x/$1 | sed 's,^\\./,,'", layer).text());
  }

  @Test
  void saveAndLoadKeepTheImage() {
    bench.jbuild("save", "-o", "saved.tar", "it:1").succeeds();
    var id = bench.inspect("it:1").at("/Id").asText();
    bench.env("JBUILD_ROOT", bench.directory().resolve("other").toString());
    bench.jbuild("load", "-i", "saved.tar").succeeds().prints("it:1");
    assertEquals(id, bench.inspect("it:1").at("/Id").asText());
    assertEquals("content", bench.jbuild("run", "it:1").succeeds().text());
  }
}
