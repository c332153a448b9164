package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The same input gives the same bytes, whatever else differs (case 120).
class ReproducibleIT {

  @RegisterExtension final Workbench bench = new Workbench();

  @Test
  void anotherDirectoryUmaskZoneOrderAndNumberOfJobs() {
    Tools.needRoot();
    bench.env("SOURCE_DATE_EPOCH", "1500000000").base();
    bench.sh(
        """
        for d in one two; do mkdir -p $d/src; done
        for i in 1 2 3 4 5; do echo $i > one/src/$i; done
        sleep 1.1
        for i in 5 3 1 2 4; do echo $i > two/src/$i; done
        for d in one two; do
          cat > $d/Dockerfile <<'EOF'
        FROM base AS a
        RUN mkdir -p /o && for i in 3 1 2; do echo $i > /o/$i; done
        FROM base AS b
        COPY src /s
        RUN cat /s/* > /all
        FROM base
        WORKDIR /work
        COPY --from=a /o /o
        COPY --from=b /all /s/1 /x/
        COPY src /src
        EOF
        done
        chmod -R u=rwX,go=rX one two
        """);
    bench.env("TZ", "Asia/Tokyo");
    bench.jbuild("-q", "-o", "type=oci,dest=1.tar", "--jobs", "1", "one").succeeds();
    bench.env("TZ", "America/New_York").env("JBUILD_ROOT", bench.directory() + "/other");
    bench.jbuild("import", "-q", "base.tar", "base").succeeds();
    var command = new ArrayList<>(List.of("sh", "-c", "umask 077; exec \"$@\"", "sh"));
    command.addAll(bench.command("-q", "-o", "type=oci,dest=2.tar", "--jobs", "8", "two"));
    Tools.run(bench.directory(), bench.environment(), command).succeeds();
    assertEquals("", bench.sh("cmp 1.tar 2.tar").text());
  }

  @Test
  void aWarmBuildGivesWhatAColdOneGives() {
    Tools.needRoot();
    bench.env("SOURCE_DATE_EPOCH", "1500000000").base().file("f", "1");
    bench.dockerfile("FROM base\nRUN mkdir /d && echo x > /d/x\nCOPY f /d/f\nRUN ls -lR /d > /l\n");
    bench.jbuild("-q", "-o", "type=oci,dest=cold.tar", "context").succeeds();
    bench.file("f", "2");
    bench.jbuild("-q", "context").succeeds();
    bench.file("f", "1");
    bench.jbuild("-q", "-o", "type=oci,dest=warm.tar", "context").succeeds();
    bench.env("JBUILD_ROOT", bench.directory() + "/other");
    bench.jbuild("import", "-q", "base.tar", "base").succeeds();
    bench.jbuild("-q", "-o", "type=oci,dest=other.tar", "context").succeeds();
    assertEquals("", bench.sh("cmp cold.tar warm.tar && cmp cold.tar other.tar").text());
  }

  @Test
  void reproducibleClampsToTheBase() {
    Tools.needRoot();
    bench.base().file("f", "1");
    bench.dockerfile("FROM scratch\nCOPY f /f\n");
    bench.jbuild("--reproducible", "-q", "-o", "type=tar,dest=o.tar", "context").succeeds();
    bench.env("JBUILD_ROOT", bench.directory() + "/other");
    bench.sh("touch -d 2020-01-01 context/f");
    bench.jbuild("--reproducible", "-q", "-o", "type=oci,dest=1", "context").succeeds();
    bench.env("JBUILD_ROOT", bench.directory() + "/third");
    bench.sh("touch context/f");
    bench.jbuild("--reproducible", "-q", "-o", "type=oci,dest=2", "context").succeeds();
    assertEquals("", bench.sh("cmp 1 2").text());
    assertEquals("1980-01-01", bench.sh("TZ=UTC tar -tvf o.tar f | awk '{print $4}'").text());
  }
}
