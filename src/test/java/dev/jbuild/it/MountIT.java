package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// RUN --mount: what works, and that what does not is refused where it stands, never left out.
class MountIT {

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void needRoot() {
    Tools.needRoot();
  }

  @Test
  void tmpfsIsEmptyAndLeavesNothing() {
    var image =
        bench
            .base()
            .dockerfile("FROM base\nRUN --mount=type=tmpfs,target=/t echo x > /t/x && cat /t/x\n")
            .build();
    assertEquals(1, image.at("/RootFS/Layers").size());
  }

  @Test
  void whatThisVersionLacksIsRefusedAtItsPlace() { // case 72
    bench.base();
    for (var run :
        new String[] {
          "--mount=type=bind,target=/x", "--mount=type=cache,target=/x", "--security=insecure",
        }) {
      bench.dockerfile("FROM base\nRUN touch /x\nRUN " + run + " true\n");
      bench.jbuild("context").failsWith(3).saysOnError("Dockerfile:3:").doesNotSay("touch /x");
    }
  }

  @Test
  void aSecretThatNobodyGaveIsLeftOutOrRequired() {
    bench
        .base()
        .dockerfile(
            """
            FROM base
            RUN --mount=type=secret,id=s --mount=type=secret,id=t,env=T \
                [ ! -e /run/secrets/s ] && [ -z "${T+set}" ]
            """)
        .build();
    bench.dockerfile("FROM base\nRUN touch /x\nRUN --mount=type=secret,id=s,required true\n");
    bench
        .jbuild("context")
        .failsWith(3)
        .saysOnError("Dockerfile:3:5")
        .saysOnError("the secret \"s\"")
        .saysOnError("--secret id=s,src=FILE")
        .doesNotSay("touch /x");
  }

  @ParameterizedTest
  @EnumSource(Workbench.Who.class)
  void secretsReachTheStepAndLeaveNoTrace(Workbench.Who who) { // case 79
    bench.as(who).base().env("TOKEN", "S3CR3T-of-env");
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
    // A step that fails does not leave it either.
    bench.dockerfile(
        "FROM base\nRUN --mount=type=secret,id=file cp /run/secrets/file /x; exit 1\n");
    bench.jbuild("--secret", "id=file,src=secret", "context").failsWith(4).doesNotSay("S3CR3T");
    bench.sh("! grep -rl S3CR3T store");
  }

  @Test
  void theValueOfASecretIsNotInTheKey() { // case 79
    bench.base().file("../secret", "one");
    bench.dockerfile(
        "FROM base\nRUN --mount=type=secret,id=s cat /run/secrets/s > /dev/null; touch /x\n");
    bench.build("--secret", "id=s,src=secret");
    bench.file("../secret", "another");
    bench
        .jbuild("--secret", "id=s,src=secret", "context")
        .succeeds()
        .saysOnError("1 of 1 steps cached");
  }

  private String run(String script) {
    return bench.jbuild("run", "it:1", "sh", "-c", script).succeeds().text();
  }
}
