package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// RUN --mount: what works, and that what does not is refused where it stands, never left out.
class MountIT {

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void importBase() {
    Tools.needRoot();
    bench.base();
  }

  @Test
  void tmpfsIsEmptyAndLeavesNothing() {
    var image =
        bench
            .dockerfile("FROM base\nRUN --mount=type=tmpfs,target=/t echo x > /t/x && cat /t/x\n")
            .build();
    assertEquals(1, image.at("/RootFS/Layers").size());
  }

  @Test
  void whatThisVersionLacksIsRefusedAtItsPlace() { // case 72
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
    bench.dockerfile("FROM base\nRUN --mount=type=secret,id=s [ ! -e /run/secrets/s ]\n").build();
    bench.dockerfile("FROM base\nRUN --mount=type=secret,id=s,required=true true\n");
    bench.jbuild("context").failsWith(3).saysOnError("\"s\"");
  }
}
