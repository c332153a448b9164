package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// apt-get, a compiler and several stages, in namespaces and in a container like Docker's, where
/// only a chroot is possible: the layers are the same. Run by hand (docs/CONTRIBUTING.md).
class ChrootCampaign {

  private static final String EPOCH = "1700000000";

  @RegisterExtension final Workbench bench = new Workbench();

  @Test
  void aDebianIsBuiltAlike() throws Exception {
    var debian = System.getProperty("jbuild.debian", "");
    bench.longRuns().env("SOURCE_DATE_EPOCH", EPOCH);
    bench.sh("tar -C \"$1\" --numeric-owner -c . > base.tar", debian);
    bench.jbuild("import", "-q", "base.tar", "base").succeeds();
    bench.dockerfile(Files.readString(Path.of("src/test/campaigns/debian.Dockerfile")));
    var outside =
        bench
            .jbuild("build", "--progress=plain", "--sandbox=namespaces", "-t", "it:1", "context")
            .succeeds();
    var layers = bench.inspect("it:1").at("/RootFS/Layers").toString();
    var inside =
        new DockerContainer(Files.createDirectory(bench.directory().resolve("container")))
            .bind(bench.context(), "/pod/context")
            .bind(bench.directory().resolve("base.tar"), "/pod/base.tar")
            .env("SOURCE_DATE_EPOCH", EPOCH)
            .run(
                """
                /jbuild/bin/jbuild import -q base.tar base >/dev/null
                /jbuild/bin/jbuild build --progress plain -t it:1 context
                /jbuild/bin/jbuild inspect it:1
                """)
            .succeeds();
    System.out.println(times(outside) + "--- in the container:\n" + times(inside));
    assertEquals(layers, Workbench.json(inside.out()).at("/0/RootFS/Layers").toString());
  }

  private static String times(Outcome build) {
    var text = new StringBuilder();
    build
        .err()
        .lines()
        .filter(line -> !line.contains("  | "))
        .forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }
}
