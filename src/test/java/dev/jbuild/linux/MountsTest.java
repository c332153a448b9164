package dev.jbuild.linux;

import static dev.jbuild.linux.DirectoryTest.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Overlays, as root on a file system that can carry them.
class MountsTest {

  @TempDir Path temp;
  private Path target = Path.of("");
  private Path upper = Path.of("");
  private Path work = Path.of("");

  @BeforeEach
  void arrange() throws IOException {
    assumeTrue(Machine.uid() == 0 && !Machine.inUserNamespace(), "mounting needs root");
    assumeFalse(MountedFileSystem.of(temp).isOverlay(), "an overlay cannot lie on an overlay");
    target = make("target");
    upper = make("upper");
    work = make("work");
    try {
      Mounts.overlay(List.of(make("probe1"), make("probe2")), null, null, target, false, false);
      Mounts.unmount(target);
    } catch (LinuxException refused) {
      if (refused.is(Errno.EPERM)) {
        abort("mounting is not permitted here");
      }
      throw refused;
    }
  }

  @AfterEach
  void unmount() throws IOException {
    while (isMounted()) {
      Mounts.detach(target);
    }
  }

  private boolean isMounted() throws IOException {
    return Files.readString(Path.of("/proc/self/mountinfo")).contains(" " + target + " ");
  }

  private Path make(String name) throws IOException {
    return Files.createDirectories(temp.resolve(name));
  }

  private Path lower(String name, String file, String content) throws IOException {
    var lower = make(name);
    Files.writeString(lower.resolve(file), content);
    return lower;
  }

  @Test
  void theTopmostLowerWinsAndChangesGoToTheUpper() throws IOException {
    var top = lower("top", "f", "top");
    var bottom = lower("bottom", "f", "bottom");
    Files.writeString(bottom.resolve("g"), "below");

    Mounts.overlay(List.of(top, bottom), upper, work, target, false, true);

    assertEquals("top", Files.readString(target.resolve("f")));
    assertEquals("below", Files.readString(target.resolve("g")));
    Files.writeString(target.resolve("new"), "new");
    assertEquals("new", Files.readString(upper.resolve("new")));
    assertTrue(MountedFileSystem.of(target).noDev());
    assertTrue(MountedFileSystem.of(target).isOverlay());
    Mounts.unmount(target);
    assertFalse(isMounted());
    assertFalse(Files.exists(target.resolve("f")));
  }

  @Test
  void takes130Lowers() throws IOException {
    var lowers = new ArrayList<Path>();
    for (int i = 0; i < 130; i++) {
      lowers.add(lower("a-lower-directory-with-a-long-name-" + i, "f" + i, "" + i));
    }

    Mounts.overlay(lowers, upper, work, target, false, false);

    assertEquals("0", Files.readString(target.resolve("f0")));
    assertEquals("129", Files.readString(target.resolve("f129")));
  }

  @Test
  void pathsNeedNoEscapingAndMayBeLong() throws IOException {
    var strange = lower("a:b,c\\d\\:e=f g", "strange", "1");
    var deep = lower("x".repeat(200) + "/" + "y".repeat(200), "deep", "2");

    Mounts.overlay(
        List.of(strange, deep), make("up:per,\\"), make("work,x:"), target, false, false);

    assertEquals("1", Files.readString(target.resolve("strange")));
    assertEquals("2", Files.readString(target.resolve("deep")));
  }

  @Test
  void withoutAnUpperNothingCanBeWritten() throws IOException {
    var one = lower("one", "f", "1");

    Mounts.overlay(List.of(one, make("two")), null, null, target, false, false);
    assertReadOnly();
    Mounts.unmount(target);
    Mounts.overlay(List.of(one), null, null, target, false, false);
    assertReadOnly();
    Files.writeString(one.resolve("g"), "the lower itself can");
  }

  private void assertReadOnly() throws IOException {
    assertEquals("1", Files.readString(target.resolve("f")));
    assertTrue(MountedFileSystem.of(target).readOnly());
    assertTrue(MountedFileSystem.of(target).noDev());
    try (var directory = Directory.open(target)) {
      var failure =
          assertThrows(LinuxException.class, () -> directory.createFile(bytes("g"), 0600));
      assertEquals(Errno.EROFS, failure.errno());
    }
  }

  @Test
  void aFailureNamesTheDirectoryAndWhatTheKernelSays() throws IOException {
    var missing = temp.resolve("missing");

    var failure =
        assertThrows(
            LinuxException.class,
            () -> Mounts.overlay(List.of(make("one"), missing), upper, work, target, false, false));

    assertEquals(Errno.ENOENT, failure.errno());
    assertTrue(String.valueOf(failure.getMessage()).contains(missing.toString()));
    try (var overlay = new Overlay(List.of(make("one")))) {
      overlay.flag("no-such-option");
      var unknown = assertThrows(LinuxException.class, () -> overlay.mount(target));
      assertEquals(Errno.EINVAL, unknown.errno());
      assertTrue(
          String.valueOf(unknown.getMessage()).contains("Unknown parameter 'no-such-option'"),
          unknown::toString);
    }
  }

  /// As kernels before 6.5 are asked.
  @Test
  void theOldCallMountsTheSame() throws IOException {
    var lowers = new ArrayList<Path>();
    for (int i = 0; i < 150; i++) {
      lowers.add(lower("lower,:" + i, "f" + i, "" + i));
    }
    try (var overlay = new Overlay(lowers)) {
      overlay.upper(upper, work);
      overlay.flag("volatile");
      overlay.mountByOldCall(Where.bytes(target), Where.of(Where.bytes(target)));
    }

    assertEquals("149", Files.readString(target.resolve("f149")));
    assertTrue(MountedFileSystem.of(target).noDev());
    Files.writeString(target.resolve("new"), "new");
    assertEquals("new", Files.readString(upper.resolve("new")));
  }

  /// What a step had mounted from the host must never be emptied.
  @Test
  void removeTreeStopsAtMounts() throws IOException {
    Files.writeString(make("one").resolve("canary"), "alive");
    target = make("tree/mounted");
    Mounts.overlay(List.of(make("one")), null, null, target, false, false);
    try (var directory = Directory.open(temp)) {
      var failure = assertThrows(LinuxException.class, () -> directory.removeTree(bytes("tree")));

      assertEquals(Errno.EBUSY, failure.errno());
      assertTrue(String.valueOf(failure.getMessage()).contains("tree/mounted"));
    }
    assertEquals("alive", Files.readString(temp.resolve("one/canary")));
  }

  @Test
  void unmountingWhatIsNotMountedFails() {
    assertThrows(LinuxException.class, () -> Mounts.unmount(target));
    assertThrows(
        IllegalArgumentException.class,
        () -> Mounts.overlay(List.of(), upper, work, target, false, false));
    assertThrows(
        IllegalArgumentException.class,
        () -> Mounts.overlay(List.of(temp), upper, null, target, false, false));
  }
}
