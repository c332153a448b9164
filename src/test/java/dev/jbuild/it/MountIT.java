package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// RUN --mount, and what else the command line gives to RUN.
class MountIT {

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void needRoot() {
    Tools.needRoot();
  }

  @ParameterizedTest
  @EnumSource(Workbench.Who.class)
  void privilegesAreGrantedOnTheCommandLineAlone(Workbench.Who who) { // case 72, CVE-2024-23653
    bench.as(who).base();
    bench.dockerfile(
        """
        FROM base
        RUN touch /x
        RUN --security=insecure mount -t tmpfs none /tmp && grep Seccomp: /proc/self/status
        """);
    bench
        .jbuild("--allow", "network.host", "context")
        .failsWith(3)
        .saysOnError("Dockerfile:3:1: RUN --security=insecure was not granted")
        .saysOnError("--allow security.insecure")
        .doesNotSay("touch /x");
    var granted = bench.jbuild("--allow", "security.insecure", "context");
    if (who == Workbench.Who.ROOT) {
      granted.succeeds().saysOnError("| Seccomp:    0");
    } else {
      granted.failsWith(3).saysOnError("Dockerfile:3:1: RUN --security=insecure needs root");
    }
    bench.dockerfile("FROM base\nRUN touch /x\nRUN --device=gpu,required true\n");
    bench.jbuild("context").failsWith(3).saysOnError("Dockerfile:3:1: RUN needs the device gpu");
    bench.dockerfile("FROM base\nRUN --device=v.example/gpu=all true\n"); // as BuildKit without one
    bench.jbuild("context").succeeds().saysOnError("Dockerfile:2:14: RUN --device: the step goes");
  }

  /// A key that belongs to the person, and ssh-add with its libraries in the context's `h`.
  private void keyAndProgram() {
    Tools.need("ssh-agent");
    bench.sh(
        """
        ssh-keygen -q -t ed25519 -N '' -C it-key -f key
        chown --reference context key
        mkdir context/h
        cp -L --parents $(command -v ssh-add) $(ldd "$(command -v ssh-add)" | grep -o '/[^ ]*') context/h
        """);
  }

  @Test
  void anOrdinaryUserHasMountsOfAllKinds() {
    bench.as(Workbench.Who.USER).base();
    keyAndProgram();
    bench.file(".dockerignore", "ignored").file("ignored", "").file("f", "file");
    bench.sh("chmod 644 context/f");
    bench
        .file("../secret", "S3CR3T")
        .dockerfile(
            """
            FROM base AS made
            RUN mkdir /out && echo made > /out/f && chown 7:8 /out/f
            FROM base
            COPY h /
            USER app
            WORKDIR /w
            RUN --mount=target=all --mount=from=made,source=/out,target=/made,rw \
                --mount=type=cache,target=/c,uid=1000,gid=1001,mode=0700 --mount=type=tmpfs,target=t \
                --mount=type=secret,id=s,uid=1000,env=S,target=/run/secrets/s --mount=type=ssh,uid=1000,mode=0660 \
                (stat -c '%n %a %u:%g' all/f /made/f /c t /run/secrets/s $SSH_AUTH_SOCK; \
                cat all/f /made/f; touch /c/x t/x; touch all/x 2> /dev/null || ls all/ignored; \
                [ "$S" = "$(cat /run/secrets/s)" ] && ssh-add -l | cut -d' ' -f3-) > /tmp/seen 2>&1
            USER 0
            RUN --mount=type=cache,target=/c --mount=from=made,source=/out,target=/made,rw \
                --mount=type=tmpfs,target=/alone/x \
                (stat -c '%n %u:%g' /c/x; touch /made/x; chown 9:9 /made/f /alone; ls /w /made) >> /tmp/seen
            """);
    bench
        .jbuild("-t", "it:1", "--secret", "id=s,src=secret", "--ssh", "default=key", "context")
        .succeeds()
        .doesNotSay("S3CR3T");
    assertEquals(
        """
        all/f 644 0:0
        /made/f 644 7:8
        /c 700 1000:1001
        t 1777 0:0
        /run/secrets/s 400 1000:0
        /run/buildkit/ssh_agent.0 660 1000:0
        filemade
        ls: all/ignored: No such file or directory
        it-key (ED25519)
        /c/x 1000:1001
        /made:
        f
        x

        /w:\
        """,
        run("[ ! -e /alone ] && cat /tmp/seen"));
    bench.sh("! grep -rl S3CR3T store");
  }

  @Test
  void agentsHostsLimitsAndSharedMemoryReachSteps() {
    bench.base();
    keyAndProgram();
    var dockerfile =
        """
        FROM base AS other
        RUN touch /other
        FROM base
        COPY --from=other /other /
        COPY h /
        USER app
        RUN --mount=type=ssh,uid=1000,required \
            (stat -c '%n %F %a %u:%g' $SSH_AUTH_SOCK; ssh-add -l | cut -d' ' -f3-; \
            ssh-add -D 2> /dev/null || echo kept; ssh-add -l | wc -l) > /tmp/seen
        RUN --mount=type=ssh,id=none [ -z "${SSH_AUTH_SOCK+set}" ] && [ ! -e /run/buildkit ]
        RUN (ulimit -n; df -k /dev/shm | tail -n 1 | tr -s ' ' | cut -d' ' -f2; \
            tail -n 2 /etc/hosts) >> /tmp/seen
        """;
    bench.dockerfile(dockerfile);
    var options =
        new String[] {
          "--ssh=default=key",
          "--ulimit=nofile=200:300",
          "--shm-size=1m",
          "--add-host=db.test:192.0.2.7",
          "--add-host=host.docker.internal=host-gateway"
        };
    bench.build(options);
    assertEquals(
        """
        /run/buildkit/ssh_agent.0 socket 600 1000:0
        it-key (ED25519)
        kept
        1
        200
        1024
        192.0.2.7\tdb.test
        127.0.0.1\thost.docker.internal\
        """,
        run("cat /tmp/seen"));
    var more = new ArrayList<>(List.of(options));
    more.addAll(List.of("--no-cache-filter", "Other,missing", "context"));
    bench
        .jbuild(more.toArray(String[]::new))
        .succeeds()
        .saysOnError("5 of 6 steps cached")
        .saysOnError("--no-cache-filter: no stage that is built is called missing");
    var without = new ArrayList<>(List.of(options).subList(1, options.length));
    without.add("context"); // what is cached needs no agent
    bench.jbuild(without.toArray(String[]::new)).succeeds().saysOnError("6 of 6 steps cached");
    bench
        .jbuild("--no-cache", "context")
        .failsWith(3)
        .doesNotSay("other 1")
        .saysOnError("Dockerfile:7:5: RUN needs the SSH agent \"default\"")
        .saysOnError("--ssh default");
    bench.sh("echo none > key");
    bench
        .jbuild("--no-cache", "--ssh=default=key", "context")
        .failsWith(2)
        .saysOnError("ssh-add cannot use the keys");
  }

  /// A context with an ignored file, a link and a program; a stage with a link to the root.
  private void filesToBind() {
    bench.file(".dockerignore", "*.secret\n").file("x.secret", "ignored").file("d/f", "file");
    bench.file("d/x.secret", "seen, since only the root's is ignored").file("tool", "#!/bin/sh\n");
    bench.sh("mkdir extra; echo extra > extra/e; chmod 755 extra; chmod 644 extra/e");
    bench.sh("chmod 755 context context/d context/tool; ln -s f context/d/link");
    bench.sh("chmod 644 context/d/f; touch -d 2001-02-03T04:05:06Z context/d/f");
  }

  @Test
  void bindsShowContextsStagesAndImagesAndWhatIsWrittenIsLost() { // case 67
    bench.base();
    filesToBind();
    bench
        .dockerfile(
            """
            FROM base AS made
            RUN mkdir -p /out/sub && echo made > /out/f && chown 7:8 /out/f && chmod 700 /out/sub \
                && ln -s / /rootdir && ln -s f /out/l
            FROM base
            WORKDIR /w
            RUN --mount=target=/all --mount=source=d,target=rel,rw --mount=source=tool,target=/t/tool \
                --mount=from=made,source=/out,target=/made,rw --mount=from=base,target=/base \
                --mount=from=made,source=/rootdir/out/l,target=/file --mount=from=extra,target=/extra \
                --mount=type=bind,from=made,source=/rootdir,destination=/exploit,rw \
                { find /all rel | sort; stat -c '%n %a %u:%g' /all /all/d/f /made/f /made/sub /t/tool; \
                cat /made/f /file /extra/e; /t/tool && echo runs; readlink /all/d/link; stat -c %Y rel/f; \
                ls /base/etc; touch /all/new 2> /dev/null || echo read-only; \
                touch rel/new /made/new /exploit/BIND_BREAKOUT && rm rel/f && ls rel /made; } > /seen
            RUN --mount=source=d,target=/again --mount=from=made,source=/out,target=/made \
                ls /all rel /t /made /base /file /exploit /again >> /seen 2> /dev/null; true
            """)
        .build("--build-context", "extra=extra");
    assertEquals(
        """
        /all
        /all/Dockerfile
        /all/d
        /all/d/f
        /all/d/link
        /all/d/x.secret
        /all/tool
        rel
        rel/f
        rel/link
        rel/x.secret
        /all 755 0:0
        /all/d/f 644 0:0
        /made/f 644 7:8
        /made/sub 700 0:0
        /t/tool 755 0:0
        made
        made
        extra
        runs
        f
        981173106
        group
        passwd
        read-only
        /made:
        f
        l
        new
        sub

        rel:
        link
        new
        x.secret
        /again:
        f
        link
        x.secret

        /made:
        f
        l
        sub\
        """,
        run("cat /seen").replace("/all/.dockerignore\n", ""));
    bench.sh("[ ! -e /BIND_BREAKOUT ] && [ ! -e context/d/new ] && [ ! -e context/new ]");
  }

  @Test
  void aBindCountsInTheKeyByTheContentOfItsSourceAlone() {
    bench.base();
    filesToBind();
    var dockerfile =
        """
        FROM base AS made
        ARG WHAT=a
        RUN mkdir /out; echo same > /out/f; echo $WHAT > /elsewhere
        FROM base
        RUN --mount=source=d,target=/d --mount=from=made,source=/out,target=/m cat /d/f /m/f > /seen
        """;
    bench.dockerfile(dockerfile).build();
    bench.sh("touch context/d/f; echo changed > context/tool");
    bench.jbuild("--build-arg", "WHAT=b", "context").succeeds().saysOnError("1 of 2 steps cached");
    bench.jbuild("--build-arg", "WHAT=b", "context").saysOnError("2 of 2 steps cached");
    bench.file("d/f", "changed");
    bench
        .jbuild("--build-arg", "WHAT=b", "-t", "it:1", "context")
        .succeeds()
        .saysOnError("1 of 2 steps cached")
        .saysOnError("d/f changed");
    assertEquals("changedsame", run("cat /seen"));
    for (var wrong :
        List.of(
            "source=dd,target=/d| no file matches \"dd\" in the context|did you mean d?",
            "source=x.secret,target=/d|\"x.secret\" in the context|.dockerignore line 1",
            "from=made,source=/ou,target=/d|\"/ou\" in stage made|did you mean out?")) {
      var words = wrong.split("[|]", -1);
      bench.dockerfile(dockerfile.replace("--mount=source=d,target=/d", "--mount=" + words[0]));
      bench
          .jbuild("context")
          .failsWith(5)
          .saysOnError("Dockerfile:5:5: RUN --mount:")
          .saysOnError(words[1])
          .saysOnError(words[2]);
    }
  }

  /// The stages made the same from two sources, one of them after it had waited for the other: the
  /// next build knows both sources, and has nothing to note.
  @Test
  void aStepThatAnotherStageMadeIsFoundWithoutReadingItsFiles() {
    bench
        .base()
        .dockerfile(
            """
            FROM base AS one
            RUN mkdir /out; echo same > /out/f; echo 1 > /elsewhere
            FROM base AS two
            RUN mkdir /out; echo same > /out/f; echo 2 > /elsewhere
            FROM base AS first
            RUN --mount=from=one,source=/out,target=/m cat /m/f > /seen; sleep 0.5
            FROM base AS second
            RUN --mount=from=two,source=/out,target=/m cat /m/f > /seen; sleep 0.5
            FROM scratch
            COPY --from=first /seen /1
            COPY --from=second /seen /2
            """);
    bench.jbuild("context").succeeds().saysOnError("1 of 6 steps cached");
    var noted = bench.sh("ls store/cache/steps").text();
    bench.jbuild("context").succeeds().saysOnError("6 of 6 steps cached");
    assertEquals(noted, bench.sh("ls store/cache/steps").text());
  }

  @Test
  void mountsOnAndInEachOtherLeaveNoTrace() { // cases 70, 101
    bench.base();
    bench.sh("mkdir outside; touch outside/x");
    bench
        .file("f", "bound")
        .dockerfile(
            """
            FROM base
            RUN mkdir -p /real/sub && ln -s real /link && echo image > /etc/conf && touch -d @1000 /real
            WORKDIR /real
            RUN --mount=type=tmpfs,target=/link/sub --mount=source=f,target=/real/sub/deep/f \
                --mount=source=f,target=/etc/conf --mount=type=tmpfs,target=/etc/none \
                --mount=type=tmpfs,target=/two --mount=target=/two --mount=type=tmpfs,target=/ro,ro \
                cat /link/sub/deep/f /etc/conf /two/f && ! touch /ro/x 2> /dev/null
            RUN --mount=type=tmpfs,target= touch x && mount | grep -q ' on /real type tmpfs'
            RUN --mount=type=tmpfs,target=/d/x rm -rf /d 2> /dev/null; mv /d /e 2> /dev/null; \
                ln -s OUTSIDE /d 2> /dev/null; true
            RUN find / -xdev -newer /etc/conf -o -name deep -o -name none -o -name two -o -name ro
            """
                .replace("OUTSIDE", bench.directory().resolve("outside").toString()));
    var image = bench.build();
    assertEquals(
        3, image.at("/RootFS/Layers").size(), "base, the first RUN, the one that makes /e");
    assertEquals("1000 image", run("echo $(stat -c %Y /real) $(cat /etc/conf)"));
    bench.sh("[ -f outside/x ] && [ ! -s outside/x ]");
  }

  @Test
  void cachesOutliveBuildsAndFailuresAndAreNoPartOfTheKey() { // case 68
    bench.base();
    var dockerfile =
        """
        FROM base AS seed
        RUN mkdir -p /s/d && echo seed > /s/d/f && chown 7:8 /s/d
        FROM base AS one
        RUN --mount=type=cache,id=locked,target=/c,sharing=locked \
            mkdir /c/mine && sleep 0.3 && rmdir /c/mine && touch /one
        FROM base AS two
        RUN --mount=type=cache,id=locked,target=/c,sharing=locked \
            mkdir /c/mine && sleep 0.3 && rmdir /c/mine && touch /two
        FROM base
        COPY --from=one /one /
        COPY --from=two /two /
        RUN --mount=type=cache,target=/c,id=../../../../escaped,mode=0770,uid=3,gid=4 \
            --mount=type=cache,target=/same,id=../../../../escaped,ro \
            --mount=type=cache,target=/seeded,from=seed,source=/s/d --mount=type=cache,target=/c/in \
            stat -c '%n %a %u:%g' /c /seeded > /seen; cat /seeded/f >> /seen; ls /c >> /seen; \
            touch /c/n$(ls /c | wc -l) /seeded/more /c/in/x; ! touch /same/x 2> /dev/null; \
            ln -sf /etc /c/link; ln -sf BENCH /c/link2; exit $FAILS
        """
            .replace("BENCH", bench.directory().toString())
            .replace("exit $FAILS", "exit 1");
    bench.dockerfile(dockerfile);
    bench.jbuild("context").failsWith(4);
    bench.dockerfile(dockerfile.replace("exit 1", "exit 0"));
    bench.build("--no-cache");
    assertEquals(
        """
        /c 770 3:4
        /seeded 755 7:8
        seed
        in
        link
        link2
        n1\
        """,
        run("cat /seen"));
    assertEquals("", run("find / -xdev -name c -o -name same -o -name seeded"));
    bench.jbuild("context").succeeds().saysOnError("6 of 6 steps cached");
    bench
        .jbuild("--no-cache", "--build-arg", "BUILDKIT_CACHE_MOUNT_NS=ns", "-t", "it:1", "context")
        .succeeds();
    assertTrue(!run("cat /seen").contains("n1"), "another namespace is empty");
    bench.dockerfile(dockerfile.replace("exit 1", "exit 0").replace("echo seed", "echo other"));
    bench.build();
    assertTrue(run("cat /seen").contains("\nother\n"), "another seed is another cache");
    for (var wrong :
        List.of(
            "source=link,id=../../../../escaped|no directory /link",
            "source=link2,id=../../../../escaped|no directory /link2",
            "from=base,source=/etc/group,id=b|no directory /etc/group")) {
      var words = wrong.split("[|]", -1);
      bench.dockerfile("FROM base\nRUN --mount=type=cache,target=/x," + words[0] + " cat /x/* \n");
      bench.jbuild("context").failsWith(3).saysOnError("Dockerfile:2:").saysOnError(words[1]);
    }
  }

  @Test
  void aSecretThatNobodyGaveIsLeftOutOrRequired() {
    bench.base();
    var optional =
        """
        FROM base
        RUN --mount=type=secret,id=s --mount=type=secret,id=t,env=T \\
            [ ! -e /run/secrets/s ] && [ -z "${T+set}" ]
        """;
    bench.dockerfile(optional);
    bench.jbuild("context").succeeds();
    bench.dockerfile(optional.replace("id=s", "id=s,required"));
    bench
        .jbuild("--no-cache", "context")
        .failsWith(3)
        .saysOnError("Dockerfile:2:5")
        .saysOnError("the secret \"s\"")
        .saysOnError("--secret id=s,src=FILE")
        .doesNotSay("stage-0 1");
  }

  @Test
  void secretsReachTheStepAndLeaveNoTrace() { // case 79
    bench.base().env("TOKEN", "S3CR3T-of-env");
    bench.file("../secret", "S3CR3T-of-file");
    bench
        .dockerfile(
            """
            FROM base
            RUN --mount=type=secret,id=file --mount=type=secret,id=TOKEN,env=T,mode=0444,uid=7,gid=8 \
                --mount=type=secret,id=file,target=rel/s,mode=0440,uid=1000,gid=1001 \
                stat -c '%n %a %u:%g' /run/secrets/file /rel/s > /seen; wc -c < /rel/s >> /seen; \
                md5sum < /run/secrets/file >> /seen; printf %s "$T" | md5sum >> /seen; \
                [ ! -e /run/secrets/TOKEN ]; tr '\\0' ' ' < /proc/1/cmdline | grep -c S3CR[3]T >> /seen; \
                ! echo x 2> /dev/null > /rel/s
            RUN find / -xdev -name secrets -o -name rel -o -name s >> /seen; \
                [ -z "${T+set}" ]
            """)
        .build("--secret", "id=file,src=secret", "--secret", "id=TOKEN");
    assertEquals(
        """
        /run/secrets/file 400 0:0
        /rel/s 440 1000:1001
        14
        97bf5526a0595dc41f52ef6db281e22e  -
        fe86de9a517fa4dc637718f4228b4526  -
        0\
        """,
        run("cat /seen"));
    // Its value is not in the key.
    bench.file("../secret", "S3CR3T-of-another");
    bench
        .jbuild("--secret", "id=file,src=secret", "--secret", "id=TOKEN", "context")
        .saysOnError("2 of 2 steps cached");
    // A step that fails does not leave it either.
    bench.dockerfile(
        "FROM base\nRUN --mount=type=secret,id=file cp /run/secrets/file /x; exit 1\n");
    bench
        .jbuild("--secret", "id=file,src=secret", "context")
        .failsWith(4)
        .saysOnError("without /x: a secret was written into it")
        .doesNotSay("S3CR3T");
    bench.sh("! grep -rl S3CR3T store");
  }

  private String run(String script) {
    return bench.jbuild("run", "it:1", "sh", "-c", script).succeeds().text();
  }
}
