package dev.jbuild.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where the groups of a step lie, on machines that are made up of files.
class StepGroupTest {

  private static final String UNIFIED =
      "30 23 0:26 / /cg rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
  private static final String HYBRID =
      """
      31 23 0:28 / /cg rw - tmpfs tmpfs rw
      32 31 0:31 / /cg/memory rw - cgroup cgroup rw,memory
      33 31 0:32 / /cg/cpu,pids rw - cgroup cgroup rw,cpu,pids
      34 31 0:38 / /cg/unified rw - cgroup2 cgroup2 rw
      """;

  private static final Quota BOTH =
      new Quota(OptionalLong.of(64 << 20), OptionalLong.empty(), OptionalLong.of(10));

  @TempDir Path machine;

  private ControlGroups groups(String mounts, String membership) throws IOException {
    var mountInfo = Files.writeString(machine.resolve("mountinfo"), mounts);
    var file = Files.writeString(machine.resolve("cgroup"), membership);
    return ControlGroups.read(mountInfo, file, machine);
  }

  /// A group of version 2.
  private void unified(String path, String controllers, String handedDown) throws IOException {
    var group = Files.createDirectories(machine.resolve("cg" + path));
    Files.writeString(group.resolve("cgroup.controllers"), controllers + "\n");
    Files.writeString(group.resolve("cgroup.subtree_control"), handedDown + "\n");
  }

  private static String text(Path directory, String file) throws IOException {
    return Files.readString(directory.resolve(file));
  }

  private Path made(String parent) throws IOException {
    try (var entries = Files.newDirectoryStream(machine.resolve("cg" + parent), "jbuild-*")) {
      return entries.iterator().next();
    }
  }

  @Test
  void aHybridMachineHasAControllerInOneHierarchy() throws IOException {
    Files.createDirectories(machine.resolve("cg/unified"));
    Files.writeString(machine.resolve("cg/unified/cgroup.controllers"), "hugetlb\n");
    var groups = groups(HYBRID, "4:memory:/a/b\n3:cpu,pids:/\n0::/c\n");
    var memory = groups.find("memory").orElseThrow();
    assertEquals(List.of(machine.resolve("cg/memory/a/b")), memory.parents());
    assertEquals(
        machine.resolve("cg/cpu,pids"), groups.find("pids").orElseThrow().parents().getFirst());
    assertTrue(groups.find("hugetlb").orElseThrow().isUnified());
    assertTrue(groups.find("io").isEmpty());
    assertTrue(groups.isMixed());
    assertTrue(groups.places().contains(machine.resolve("cg/unified/c")));
    assertFalse(groups(UNIFIED, "0::/\n").isMixed());
  }

  @Test
  void aContainerSeesAPartOfTheGroupsOnly() throws IOException {
    unified("", "memory pids", "");
    var part = UNIFIED.replace("0:26 / ", "0:26 /docker/1 ");
    var own = groups(part, "0::/docker/1/init\n").find("pids").orElseThrow();
    assertEquals(List.of(machine.resolve("cg/init"), machine.resolve("cg")), own.parents());
    for (var outside : List.of("0::/other\n", "0::/../../x\n", "0::/\n")) {
      var place = groups(UNIFIED, outside.replace("/other", "/..")).find("pids").orElseThrow();
      assertTrue(place.own().startsWith(machine.resolve("cg")), outside);
    }
  }

  /// runc makes its group beside the one that it was started in; killed, it leaves it there.
  @Test
  void groupsThatARuntimeLeftBesideItsOwnAreRemoved() throws IOException {
    var dead = "jbuild-" + Integer.MAX_VALUE + "-r1";
    var mine = "jbuild-" + ProcessHandle.current().pid() + "-r1";
    for (var place : List.of("cg", "cg/app", "cg/app/own")) {
      Files.createDirectories(machine.resolve(place).resolve(dead));
      Files.createDirectories(machine.resolve(place).resolve(mine));
    }
    var groups = new RuntimeGroups(groups(UNIFIED, "0::/app/own\n"));
    groups.reap();
    for (var place : List.of("cg", "cg/app", "cg/app/own")) {
      assertFalse(Files.exists(machine.resolve(place).resolve(dead)), place);
      assertTrue(Files.exists(machine.resolve(place).resolve(mine)), place);
    }
    groups.remove(mine);
    assertFalse(Files.exists(machine.resolve("cg/app").resolve(mine)));
  }

  @Test
  void theNearestGroupThatHandsItsControllersDownHoldsTheStep() throws Exception {
    unified("", "cpu memory pids", "cpu memory pids");
    unified("/user", "memory pids", "memory pids");
    Files.createDirectories(machine.resolve("cg/user/app/own")); // nothing can be handed down there
    var groups = groups(UNIFIED, "0::/user/app/own\n");
    StepGroup.around(4711, BOTH, 1, Optional.empty(), groups);
    var group = made("/user");
    assertEquals("67108864", text(group, "memory.max"));
    assertEquals("11", text(group, "pids.max"));
    assertEquals("4711", text(group, "cgroup.procs"));
    assertFalse(Files.exists(group.resolve("memory.swap.max")), "no account of swap is kept");
    assertFalse(groups.countsSwap());
    Files.createFile(machine.resolve("cg/user/memory.swap.max"));
    assertTrue(groups.countsSwap());
    assertTrue(groups(UNIFIED, "0::/\n").countsSwap(), "a group below the topmost tells");
  }

  /// Version 2: a group that hands controllers down has no processes.
  @Test
  void aRuntimeAndItsContainerHaveAGroupEachBelowTheSteps() throws Exception {
    unified("", "memory pids", "memory pids");
    unified("/app", "memory pids", "memory pids");
    var groups = groups(UNIFIED, "0::/app\n");
    var group = StepGroup.around(4711, BOTH, 1, Optional.of("jbuild-1-r1"), groups);
    var made = made("/app");
    assertEquals("/app/" + made.getFileName() + "/jbuild-1-r1", group.place().orElseThrow());
    assertEquals("+memory +pids", text(made, "cgroup.subtree_control"));
    assertEquals("4711", text(made, "runtime/cgroup.procs"));
    assertFalse(Files.exists(made.resolve("cgroup.procs")));
    assertFalse(Files.exists(made.resolve("memory.max")), "the container's alone");
    assertEquals("11", text(made, "pids.max"));
  }

  @Test
  void withoutControllersTheRefusalSaysWhatToDo() throws IOException {
    unified("", "cpu", "");
    var none =
        assertThrows(
            BuildFailure.class,
            () -> StepGroup.around(4711, BOTH, 1, Optional.empty(), groups(UNIFIED, "0::/\n")));
    assertEquals(BuildFailure.Kind.SANDBOX, none.kind());
    assertTrue(none.message().startsWith("the memory limit cannot be kept: no control groups"));

    Files.createDirectories(machine.resolve("cg/own"));
    Files.writeString(machine.resolve("cg/cgroup.controllers"), "memory pids\n");
    Files.delete(machine.resolve("cg/cgroup.subtree_control"));
    var refused =
        assertThrows(
            BuildFailure.class,
            () -> StepGroup.around(4711, BOTH, 1, Optional.empty(), groups(UNIFIED, "0::/own\n")));
    assertTrue(refused.hint().orElse("").contains("systemd-run --user --scope -p Delegate=yes"));
  }

  @Test
  void aQuotaMakesSense() {
    var none = OptionalLong.empty();
    var some = OptionalLong.of(10);
    assertThrows(IllegalArgumentException.class, () -> new Quota(none, some, none));
    assertThrows(IllegalArgumentException.class, () -> new Quota(some, OptionalLong.of(9), none));
    assertThrows(IllegalArgumentException.class, () -> new Quota(OptionalLong.of(0), none, none));
  }
}
