package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Builds in a container that is root and may neither mount nor unshare, as CI has it: the same
/// Dockerfile gives the same layers there as outside.
class ChrootIT {

  private static final String EPOCH = "1700000000";

  @RegisterExtension final Workbench bench = new Workbench();

  private DockerContainer container() throws IOException {
    Tools.needRoot();
    Tools.need("runc");
    return new DockerContainer(Files.createDirectory(bench.directory().resolve("container")))
        .bind(bench.context(), "/pod/context")
        .bind(bench.directory().resolve("base.tar"), "/pod/base.tar")
        .env("SOURCE_DATE_EPOCH", EPOCH)
        .env("JBUILD_JAVA_OPTS", "-XX:TieredStopAtLevel=1");
  }

  @Test
  void aContainerWithoutPrivilegesBuildsTheSameImage() throws Exception {
    bench
        .env("SOURCE_DATE_EPOCH", EPOCH)
        .base()
        .file("src/a", "a\n")
        .dockerfile(
            """
            FROM base AS build
            RUN mkdir /out && echo one > /out/one && ln /out/one /out/two && ln -s one /out/link
            WORKDIR /out
            COPY src/a /out/
            RUN --mount=type=cache,target=/root/.cache/x --mount=type=tmpfs,target=/scratch \\
                --mount=type=secret,id=s --mount=type=bind,source=src,target=/bound/here \\
                echo x > /root/.cache/x/f && touch /scratch/y && cp /bound/here/a b && chown 5:6 /bound \\
                && [ "$(head -c 3 /run/secrets/s)" = geh ] && chmod 600 b && rm a
            USER app
            RUN id > /tmp/id && echo mine > /tmp/mine && (setsid sleep 300 &)
            FROM base
            RUN rm -r /etc/group && mkdir /etc/group && touch /etc/group/x && rm /bin/vi
            COPY --from=build /out /out
            RUN [ -c /dev/null ] && echo hi > /dev/null && mv /out /moved && chown 5:6 /moved/b
            FROM build AS side
            USER root
            RUN echo side > /side
            FROM build
            USER root
            COPY --from=1 /moved /moved
            COPY --from=side /side /side
            RUN cat /side /tmp/id > /last && rm /moved/two
            """);
    Files.writeString(bench.context().resolve("secret"), "geheim");
    Files.writeString(bench.context().resolve(".dockerignore"), "secret\n");
    var secret = "--secret=id=s,src=context/secret";

    var outside = bench.build("--sandbox=namespaces", secret).at("/RootFS/Layers").toString();
    var script =
        """
        /jbuild/bin/jbuild import -q base.tar base >/dev/null
        /jbuild/bin/jbuild build --progress plain -t it:1 SECRET context
        /jbuild/bin/jbuild inspect it:1
        grep -rlF geheim /root/.local >&2 || echo no trace of the secret >&2
        find /root/.local/share/jbuild/tmp -mindepth 1 >&2
        """;
    var inside = container().run(script.replace("SECRET", secret)).succeeds();

    assertEquals(outside, Workbench.json(inside.out()).at("/0/RootFS/Layers").toString());
    assertTrue(inside.err().endsWith("no trace of the secret\n"), inside::toString);
    assertFalse(inside.err().contains("unshare"), "it falls back without noise");
  }

  /// A failed step is kept as a layer: entered, changed, committed; and so is a container. Nothing
  /// of a secret stays (cases 79, 105).
  @Test
  void aFailedStepIsEnteredMendedAndCommitted() throws Exception {
    bench
        .base()
        .dockerfile(
            """
            FROM base
            WORKDIR /place
            RUN --mount=type=secret,id=s cp /run/secrets/s copy; echo left > left; rm /etc/group; \\
              test -e mended
            """);
    Files.writeString(bench.context().resolve("secret"), "geheim-4711");
    var script =
        """
        PATH=$PATH:/jbuild/bin
        jbuild import -q base.tar base >/dev/null
        S=--secret=id=s,src=context/secret
        jbuild -q $S context 2>&1 | grep -o 'kept without /place/copy\\|Step inside: *jbuild debug'
        jbuild debug -- sh -c 'ls; pwd; ls /etc; exit 7' 2>/dev/null || echo code $?
        jbuild debug $S -- sh -c 'cp /run/secrets/s again; touch mended' 2>&1 | grep -o 'without .*:'
        id=$(jbuild ps -q)
        jbuild diff --format '{{.Kind}} {{.Path}}' $id
        printf 'stty size; id -u\\nretry\\nexit\\n' | script -qec 'stty rows 33 cols 99; jbuild debug' \\
          /dev/null | grep -o '33 99\\|retry: exit code 0\\|the instruction succeeds now'
        jbuild commit -q $id it:1 >/dev/null
        jbuild run --name tools it:1 sh -c 'ls; rm left; echo c > /c'
        jbuild start tools sh -c 'cat /c; echo d > /d'
        jbuild diff --format '{{.Kind}} {{.Path}}' tools
        jbuild rm tools $id >/dev/null
        jbuild store check >/dev/null && echo whole
        ! grep -rlF geheim-4711 /root/.local && echo no trace
        find /root/.local/share/jbuild/tmp /root/.local/share/jbuild/kept -mindepth 1
        """;
    assertEquals(
        """
        kept without /place/copy
        Step inside:  jbuild debug
        left
        /place
        hosts
        passwd
        resolv.conf
        code 7
        without /place/again:
        deleted /etc/group
        added /place/left
        added /place/mended
        33 99
        retry: exit code 0
        the instruction succeeds now
        left
        mended
        c
        added /c
        added /d
        deleted /place/left
        whole
        no trace
        """,
        container().run(script).succeeds().out());
  }

  @Test
  void aKindThatCannotWorkIsTold() throws Exception {
    bench.base().dockerfile("FROM base\nRUN true\n");
    var script =
        """
        /jbuild/bin/jbuild import -q base.tar base >/dev/null
        /jbuild/bin/jbuild -q --sandbox namespaces context && exit 99 || echo code $?
        /jbuild/bin/jbuild -q --network none context && exit 99 || echo code $?
        setpriv --bounding-set -fsetid,-setfcap /jbuild/bin/jbuild -q --no-cache --sandbox chroot \\
          context && exit 99 || echo code $?
        """;
    container()
        .run(script)
        .succeeds()
        .prints("code 8\ncode 8\ncode 8\n")
        .saysOnError("root may not make mounts here")
        .saysOnError("--network none")
        .saysOnError("root lacks CAP_FSETID, CAP_SETFCAP");
  }
}
