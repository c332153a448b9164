package dev.jbuild.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Names, types, attributes: what a [Directory] does without links to follow.
class DirectoryTest {

  @TempDir Path temp;
  private Directory directory;

  @BeforeEach
  void open() throws IOException {
    directory = Directory.open(temp);
  }

  @AfterEach
  void close() {
    directory.close();
  }

  /// Case 28.
  @ParameterizedTest
  @ValueSource(strings = {"fffe", "e9", "c3a9", "65cc81", "0a", "1b5b326a", "2e2e2e", "2e61"})
  void namesAreBytes(String hex) throws IOException {
    var name = HexFormat.of().parseHex(hex);
    directory.createFile(name, 0644).close();

    var entry = directory.list().getFirst();

    assertArrayEquals(name, entry.name());
    assertEquals(FileType.FILE, entry.type());
    assertTrue(directory.stat(name).isPresent());
    directory.unlink(name);
    assertTrue(directory.list().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "/", "a\0b"})
  void refusesWhatIsNotOneComponent(String name) {
    assertThrows(IllegalArgumentException.class, () -> directory.stat(bytes(name)));
    assertThrows(IllegalArgumentException.class, () -> directory.makeDirectory(bytes(name), 0755));
    assertThrows(IllegalArgumentException.class, () -> directory.removeTree(bytes(name)));
    assertThrows(IllegalArgumentException.class, () -> directory.xattrs(bytes(name)));
  }

  /// Case 29.
  @Test
  void aNameOf255BytesWorksAndOneOf256IsTooLong() throws IOException {
    directory.makeDirectory(bytes("x".repeat(255)), 0755);

    for (int length : new int[] {256, 4095, 4096, 100_000}) {
      var failure =
          assertThrows(
              LinuxException.class, () -> directory.makeDirectory(bytes("y".repeat(length)), 0755));
      assertEquals(Errno.ENAMETOOLONG, failure.errno());
    }
  }

  @Test
  void listsManyEntriesEachTime() throws IOException {
    var expected = new TreeSet<String>();
    for (int i = 0; i < 5000; i++) {
      var name = "a-rather-long-name-of-a-file-" + i;
      directory.createFile(bytes(name), 0600).close();
      expected.add(name);
    }

    assertEquals(expected, names(directory));
    assertEquals(expected, names(directory));
  }

  @Test
  void everyTypeIsToldByListAndStat() throws IOException {
    directory.createFile(bytes("file"), 0600).close();
    directory.makeDirectory(bytes("directory"), 0700);
    directory.makeSymlink(bytes("symlink"), bytes("nowhere"));
    directory.makeNode(bytes("fifo"), FileType.FIFO, 0600, 0, 0);

    var types = new HashSet<FileType>();
    for (var entry : directory.list()) {
      assertEquals(entry.type(), directory.stat(entry.name()).orElseThrow().type());
      types.add(entry.type());
    }

    assertEquals(Set.of(FileType.FILE, FileType.DIRECTORY, FileType.SYMLINK, FileType.FIFO), types);
  }

  @Test
  void aMissingNameHasNoStat() throws IOException {
    assertFalse(directory.stat(bytes("missing")).isPresent());
    assertFalse(directory.resolveStat(bytes("missing/deeper")).isPresent());
  }

  @Test
  void statTellsSizeLinksAndTimes() throws IOException {
    try (var file = directory.createFile(bytes("f"), 0600)) {
      file.write(new byte[1234], 0, 1234);
    }
    directory.makeHardLink(bytes("g"), directory, bytes("f"));
    directory.setTime(bytes("f"), -1, 999_999_999);
    directory.setMode(bytes("f"), 04751);

    var stat = directory.stat(bytes("g")).orElseThrow();

    assertEquals(1234, stat.size());
    assertEquals(2, stat.links());
    assertEquals(-1, stat.mtime());
    assertEquals(999_999_999, stat.mtimeNanos());
    assertEquals(04751, stat.permissions());
    assertEquals(Machine.uid(), stat.uid());
    assertEquals(directory.stat().device(), stat.device());
  }

  @Test
  void aPathThatJavaListedIsOpenedByItsVeryBytes() throws IOException {
    byte[] name = {'d', (byte) 0xE9, '%', (byte) 0xFF};
    directory.makeDirectory(name, 0755);
    try (var listed = Files.list(temp);
        var same = Directory.open(listed.findFirst().orElseThrow())) {
      assertEquals(directory.stat(name).orElseThrow().inode(), same.stat().inode());
      var failure = assertThrows(LinuxException.class, () -> same.unlink(bytes("missing")));
      assertEquals(
          temp + "/d\\xe9%\\xff/missing: no such file or directory (unlinkat)",
          failure.getMessage());
    }
  }

  @Test
  void readLinkSaysWhatTheLinkSays() throws IOException {
    byte[] target = {'.', '.', '/', (byte) 0xFF, '\n'};
    directory.makeSymlink(bytes("l"), target);

    assertArrayEquals(target, directory.readLink(bytes("l")));
    directory.createFile(bytes("f"), 0600).close();
    var failure = assertThrows(LinuxException.class, () -> directory.readLink(bytes("f")));
    assertEquals(Errno.EINVAL, failure.errno());
  }

  @Test
  void renameReplacesWhatIsThere() throws IOException {
    directory.createFile(bytes("a"), 0600).close();
    directory.makeDirectory(bytes("d"), 0755);
    long inode = directory.stat(bytes("a")).orElseThrow().inode();
    try (var inner = directory.openDirectory(bytes("d"))) {
      inner.createFile(bytes("b"), 0600).close();

      directory.rename(bytes("a"), inner, bytes("b"));

      assertEquals(inode, inner.stat(bytes("b")).orElseThrow().inode());
    }
    var failure = assertThrows(LinuxException.class, () -> directory.removeDirectory(bytes("d")));
    assertEquals(Errno.ENOTEMPTY, failure.errno());
  }

  @Test
  void aSecondHandleIsIndependent() throws IOException {
    try (var second = directory.reopen()) {
      directory.close();
      second.makeDirectory(bytes("d"), 0755);
      second.sync();
      second.syncFileSystem();

      assertEquals(Set.of("d"), names(second));
    }
  }

  @Test
  void failuresNameThePathAndTheReason() {
    var failure =
        assertThrows(LinuxException.class, () -> directory.openFile(bytes("no\u001bfile")));

    assertEquals(Errno.ENOENT, failure.errno());
    assertEquals(temp + "/no\\x1bfile: no such file or directory (openat)", failure.getMessage());
  }

  @Test
  void aClosedDirectoryIsNotUsed() {
    directory.close();
    directory.close();

    assertThrows(IllegalStateException.class, () -> directory.list());
  }

  static Set<String> names(Directory directory) throws IOException {
    var names = new TreeSet<String>();
    for (var entry : directory.list()) {
      names.add(new String(entry.name(), UTF_8));
    }
    return names;
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
