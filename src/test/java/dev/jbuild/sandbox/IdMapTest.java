package dev.jbuild.sandbox;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdMapTest {

  private static final IdMap MAP =
      IdMap.parse(
          """
                   0       1000          1
                   1     200000      65536
          """);

  @Test
  void itHoldsTheIdsOfItsRanges() {
    assertTrue(MAP.contains(0));
    assertTrue(MAP.contains(1));
    assertTrue(MAP.contains(65536));
    assertFalse(MAP.contains(65537));
    assertFalse(MAP.contains(-1));
    assertTrue(IdMap.parse("0 0 4294967295\n").contains(4294967294L));
  }

  @Test
  void aStepWhoseUserIsNotInTheMapIsRefusedByName() {
    var kernel =
        new Kernel(
            Processor.X86_64,
            0,
            0,
            0,
            0,
            false,
            false,
            false,
            false,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            MAP,
            MAP);
    kernel.checkIds(new StepUser(65536, 0, List.of(1L)));
    var failure =
        assertThrows(
            BuildFailure.class, () -> kernel.checkIds(new StepUser(0, 0, List.of(70000L))));
    assertTrue(failure.message().contains("group ID 70000"), failure.message());
    assertTrue(failure.hint().orElse("").contains("/etc/subgid"));
    assertThrows(BuildFailure.class, () -> kernel.checkIds(new StepUser(70000, 0, List.of())));
  }

  @Test
  void idsThatTheKernelWouldMisunderstandAreRefused() { // case 22
    for (long id : new long[] {-1, 0xFFFF_FFFFL, 1L << 32}) {
      assertThrows(IllegalArgumentException.class, () -> new StepUser(id, 0, List.of()));
      assertThrows(IllegalArgumentException.class, () -> new StepUser(0, 0, List.of(id)));
    }
  }
}
