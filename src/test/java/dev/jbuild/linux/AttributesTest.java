package dev.jbuild.linux;

import static dev.jbuild.linux.DirectoryTest.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Modes, owners, device numbers, extended attributes.
class AttributesTest {

  private static final byte[] NAME = {'n', (byte) 0xFF};

  @TempDir Path temp;
  private Directory directory;

  @BeforeEach
  void open() throws IOException {
    directory = Directory.open(temp);
    directory.createFile(NAME, 0600).close();
  }

  @AfterEach
  void close() {
    directory.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 0644, 0755, 01777, 04755, 02711, 07777})
  void modesAreExactWhateverTheUmask(int mode) throws IOException {
    directory.makeDirectory(bytes("d"), 0);
    directory.setMode(NAME, mode);
    directory.setMode(bytes("d"), mode);

    assertEquals(mode, directory.stat(NAME).orElseThrow().permissions());
    assertEquals(mode, directory.stat(bytes("d")).orElseThrow().permissions());
  }

  @Test
  void olderKernelsChangeTheModeByTheFilesPlaceAndRefuseLinksToo() throws IOException {
    directory.makeSymlink(bytes("l"), NAME);
    var where = Where.of(NAME);

    Attributes.setModeByPlace(directory.number(), NAME, 0751, where);

    assertEquals(0751, directory.stat(NAME).orElseThrow().permissions());
    var failure =
        assertThrows(
            LinuxException.class,
            () -> Attributes.setModeByPlace(directory.number(), bytes("l"), 0777, where));
    assertEquals(Errno.EOPNOTSUPP, failure.errno());
  }

  @Test
  void modeAndTimeOfTheDirectoryItself() throws IOException {
    directory.setMode(01700);
    directory.setOwner(Machine.uid(), Machine.gid());
    directory.setTime(99, 7);

    assertEquals(01700, directory.stat().permissions());
    assertEquals(99, directory.stat().mtime());
    assertEquals(7, directory.stat().mtimeNanos());
  }

  /// Case 22: the last id would mean "leave it as it is".
  @ParameterizedTest
  @CsvSource({"-1,0", "0,-1", "4294967295,0", "0,4294967295", "4294967296,0"})
  void idsThatAreNoneAreRefused(long uid, long gid) {
    var failure = assertThrows(LinuxException.class, () -> directory.setOwner(NAME, uid, gid));

    assertEquals(Errno.EINVAL, failure.errno());
    assertThrows(LinuxException.class, () -> directory.setOwner(uid, gid));
  }

  @Test
  void rootGivesFilesToAnyId() throws IOException {
    assumeTrue(Machine.uid() == 0 && !Machine.inUserNamespace(), "needs root");

    directory.setOwner(NAME, 4_294_967_294L, 2_147_483_648L);

    var stat = directory.stat(NAME).orElseThrow();
    assertEquals(4_294_967_294L, Integer.toUnsignedLong(stat.uid()));
    assertEquals(2_147_483_648L, Integer.toUnsignedLong(stat.gid()));
  }

  @ParameterizedTest
  @CsvSource({"0,0", "1,3", "8,300", "4095,1048575", "259,256"})
  void deviceNumbersAreKept(int major, int minor) throws IOException {
    assumeTrue(Machine.uid() == 0 && !Machine.inUserNamespace(), "needs root");

    directory.makeNode(bytes("c"), FileType.CHARACTER, 0600, major, minor);
    directory.makeNode(bytes("b"), FileType.BLOCK, 0600, major, minor);

    var stat = directory.stat(bytes("c")).orElseThrow();
    assertEquals(FileType.CHARACTER, stat.type());
    assertEquals(major, stat.rdevMajor());
    assertEquals(minor, stat.rdevMinor());
    assertEquals(FileType.BLOCK, directory.stat(bytes("b")).orElseThrow().type());
  }

  @Test
  void impossibleNodesAreRefused() {
    assertThrows(
        LinuxException.class,
        () -> directory.makeNode(bytes("c"), FileType.CHARACTER, 0600, 4096, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> directory.makeNode(bytes("c"), FileType.FILE, 0600, 0, 0));
  }

  @Test
  void extendedAttributesAreBinary() throws IOException {
    var value = new byte[256];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) i;
    }
    directory.setXattr(NAME, "user.all", value);
    directory.setXattr(NAME, "user.empty", new byte[0]);
    directory.setXattr(NAME, "user.\udcff\n", new byte[] {1});

    var xattrs = directory.xattrs(NAME);

    assertEquals(Set.of("user.all", "user.empty", "user.\udcff\n"), xattrs.keySet());
    assertArrayEquals(value, xattrs.get("user.all"));
    assertArrayEquals(new byte[0], xattrs.get("user.empty"));
    directory.removeXattr(NAME, "user.all");
    assertEquals(2, directory.xattrs(NAME).size());
    var failure = assertThrows(LinuxException.class, () -> directory.removeXattr(NAME, "user.all"));
    assertEquals(Errno.ENODATA, failure.errno());
  }

  @Test
  void extendedAttributesOfTheDirectoryItself() throws IOException {
    directory.setXattr("user.d", new byte[] {0});

    assertArrayEquals(new byte[] {0}, directory.xattrs().get("user.d"));
    assertTrue(directory.xattrs(NAME).isEmpty());
  }

  @Test
  void extendedAttributesOfALinkAreItsOwn() throws IOException {
    directory.setXattr(NAME, "user.a", new byte[] {1});
    directory.makeSymlink(bytes("l"), NAME);

    assertTrue(directory.xattrs(bytes("l")).isEmpty());
  }

  /// Case 18.
  @Test
  void fileSystemsWithoutExtendedAttributesHaveNone() throws IOException {
    try (var proc = Directory.open(Path.of("/proc/self"))) {
      assertTrue(proc.xattrs(bytes("status")).isEmpty());
    }
    var missing = assertThrows(LinuxException.class, () -> directory.xattrs(bytes("missing")));
    assertEquals(Errno.ENOENT, missing.errno());
  }

  @Test
  void valuesBeyondTheKernelsLimitAreRefused() throws IOException {
    assertThrows(LinuxException.class, () -> directory.setXattr(NAME, "user.a", new byte[65_537]));
    assertThrows(LinuxException.class, () -> directory.setXattr(NAME, "user.a", new byte[1 << 20]));
    assertTrue(directory.xattrs(NAME).isEmpty());
  }
}
