package dev.jbuild.tar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.jbuild.tar.TarForge.Block;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Case 19: the same entries as GNU tar sees, and as commons-compress sees.
class TarDifferentialTest {

  @TempDir Path temp;
  private Path tree;
  private Path archive;

  @BeforeEach
  void needGnuTar() throws IOException {
    GnuTar.need();
    tree = Files.createDirectory(temp.resolve("tree"));
    archive = temp.resolve("archive.tar");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--format=v7",
        "--format=ustar",
        "--format=oldgnu",
        "--format=gnu",
        "--format=posix",
        "--format=posix --pax-option=delete=atime",
        "--format=oldgnu -S",
        "--format=gnu -S",
        "--format=posix -S --sparse-version=0.0",
        "--format=posix -S --sparse-version=0.1",
        "--format=posix -S --sparse-version=1.0"
      })
  void archivesOfGnuTarAreReadAsTwoOthersReadThem(String options) throws IOException {
    boolean long1 = options.contains("gnu") || options.contains("posix");
    plant(long1, options.contains("v7"));
    var arguments = new ArrayList<>(List.of(options.split(" ", -1)));
    arguments.addAll(List.of("--sort=name", "-cf", archive.toString(), "-C", tree.toString(), "."));

    GnuTar.tar(temp, arguments);

    var read = ReadTar.of(Files.readAllBytes(archive));
    assertEquals(GnuTar.list(archive), read.entries().stream().map(GnuTar::line).toList());
    assertContentsAreThoseOfTheTree(read);
    assertCommonsCompressAgrees(read);
  }

  @Test
  void extendedAttributesOfGnuTarAreRead() throws IOException {
    var file = Files.writeString(tree.resolve("f"), "x");
    var value = new byte[] {0, (byte) 0xFF, '\n', '='};
    try {
      var view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
      assertEquals(4, view.write("binary", ByteBuffer.wrap(value)));
      assertEquals(1, view.write("odd=%name", ByteBuffer.wrap(new byte[] {7})));
    } catch (IOException e) {
      abort("no extended attributes here: " + e);
    }

    GnuTar.tar(
        temp,
        List.of(
            "--format=posix", "--xattrs", "-cf", archive.toString(), "-C", tree.toString(), "f"));

    var xattrs = ReadTar.of(Files.readAllBytes(archive)).only().xattrs();
    assertEquals(List.of("user.binary", "user.odd=%name"), List.copyOf(xattrs.keySet()));
    assertArrayEquals(value, xattrs.get("user.binary"));
  }

  /// What we write, GNU tar reads as we meant it.
  @Test
  void gnuTarReadsWhatWeWrite() throws IOException {
    var out = new ByteArrayOutputStream();
    var writer = new TarWriter(out);
    var entries =
        List.of(
            TarEntry.directory(ArchivePath.ROOT, 01777, 0, 0, 0),
            TarEntry.directory(ArchivePath.of("d".repeat(120)), 0755, 1, 2, 3),
            TarEntry.file(ArchivePath.of("d/" + "f".repeat(99)), 04755, 3_000_000, 9, 0, 1L << 33),
            TarEntry.file(ArchivePath.of("p".repeat(160) + "/f"), 0644, 0, 0, 0, -1),
            TarEntry.symlink(ArchivePath.of("l"), "t".repeat(150).getBytes(UTF_8), 0, 0, 0));
    for (var entry : entries) {
      writer.begin(entry);
    }
    writer.finish();
    Files.write(archive, out.toByteArray());

    assertEquals(entries.stream().map(GnuTar::line).toList(), GnuTar.list(archive));
  }

  /// Made-up archives with headers that quarrel: whatever we accept, GNU tar sees the same in it.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whatWeAcceptGnuTarSeesAsWeDo(long seed) throws IOException {
    var random = new Random(seed);
    int accepted = 0;
    for (int i = 0; i < 60; i++) {
      var forge = new TarForge();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        anyEntry(forge, random);
      }
      var tar = forge.tar();
      ReadTar read;
      try {
        read = ReadTar.of(tar);
      } catch (TarFormatException refused) {
        continue;
      }
      accepted++;
      Files.write(archive, tar);
      assertEquals(
          GnuTar.list(archive),
          read.entries().stream().map(GnuTar::line).toList(),
          "seed " + seed + ", archive " + i);
    }
    assertTrue(accepted > 10, accepted + " were accepted");
  }

  private static void anyEntry(TarForge forge, Random random) {
    int stored = random.nextInt(3) * 512;
    var smuggled = new TarForge().file("smuggled", "").file("more", "").bytes();
    var records = new ArrayList<String>();
    for (int n = random.nextInt(3); n > 0; n--) {
      records.add(
          switch (random.nextInt(6)) {
            case 0 -> "path=pax" + random.nextInt(3) + (random.nextBoolean() ? "/" : "");
            case 1 -> "linkpath=paxlink" + random.nextInt(3);
            case 2 -> "size=" + stored;
            case 3 -> "uid=" + random.nextInt(5_000_000);
            case 4 -> "mtime=" + (random.nextBoolean() ? "-77777" : random.nextInt(999_999) + ".5");
            default -> "comment=nothing";
          });
    }
    int order = random.nextInt(2);
    for (int turn = 0; turn < 2; turn++) {
      if (turn == order && !records.isEmpty()) {
        forge.pax(records.toArray(String[]::new));
      } else if (random.nextInt(3) == 0) {
        forge.longName("gnu" + random.nextInt(3));
      } else if (random.nextInt(5) == 0) {
        forge.longLink("gnulink" + random.nextInt(3));
      } else if (random.nextInt(9) == 0) {
        forge.globalPax("gid=" + random.nextInt(100), "comment=all");
      }
    }
    char type = "0\u00000012357S".charAt(random.nextInt(9));
    var block = new Block("name" + random.nextInt(3) + (random.nextInt(4) == 0 ? "/" : ""));
    block.type(type).owner(random.nextInt(9), 1);
    block.mtime(random.nextInt(1_000_000_000)).link("link").size(stored);
    if (random.nextInt(3) == 0) {
      block.size(512L * random.nextInt(2));
    }
    if (random.nextInt(4) == 0) {
      block.magic(random.nextBoolean() ? "" : "ustar  \0");
    } else if (random.nextInt(4) == 0) {
      block.prefix("prefix");
    }
    if (type == 'S') {
      block.magic("ustar  \0").octal(386, 12, 512).octal(398, 12, stored).octal(483, 12, 2048);
    }
    forge.block(block);
    if (type != '1' && type != '2' && type != '3' && type != '5') {
      forge.raw(Arrays.copyOf(smuggled, stored));
    }
  }

  /// A tree with everything that needs no privilege.
  private void plant(boolean longNames, boolean v7) throws IOException {
    var directory = Files.createDirectories(tree.resolve("d/sub"));
    var file = Files.write(tree.resolve("d/f"), noise(3000));
    Files.createFile(directory.resolve("empty"));
    Files.createLink(tree.resolve("d/hard"), file);
    Files.createSymbolicLink(tree.resolve("link"), Path.of("../some where/else"));
    Files.writeString(tree.resolve("with space and \u00e9"), "x");
    Files.write(tree.resolve("n".repeat(90)), noise(512));
    if (!v7) {
      var deep = Files.createDirectories(tree.resolve("p".repeat(70) + "/" + "q".repeat(60)));
      Files.write(deep.resolve("r".repeat(80)), noise(513));
    }
    if (longNames) {
      var deep = Files.createDirectories(tree.resolve("s".repeat(200) + "/" + "t".repeat(200)));
      Files.write(deep.resolve("u".repeat(255)), noise(100));
      Files.createSymbolicLink(tree.resolve("longlink"), Path.of("v".repeat(140)));
      Files.createLink(deep.resolve("hard"), deep.resolve("u".repeat(255)));
    }
    sparse(tree.resolve("sparse-few"), 2, 1 << 20);
    sparse(tree.resolve("sparse-many"), 60, 1 << 16);
    sparse(tree.resolve("sparse-hole"), 0, 1 << 20);
    sparse(tree.resolve("w".repeat(95)), 3, 1 << 17);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
    try (var all = Files.walk(tree)) {
      for (var each : all.filter(path -> !Files.isSymbolicLink(path)).toList()) {
        Files.setLastModifiedTime(each, FileTime.fromMillis(1_600_000_000_250L));
      }
    }
  }

  private static void sparse(Path path, int islands, int distance) throws IOException {
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      for (int i = 1; i <= islands; i++) {
        file.seek((long) i * distance);
        file.write(noise(5000));
      }
      file.setLength((long) (islands + 2) * distance + 7);
    }
  }

  private void assertContentsAreThoseOfTheTree(ReadTar read) throws IOException {
    int files = 0;
    for (int i = 0; i < read.entries().size(); i++) {
      var entry = read.entries().get(i);
      var path = tree.resolve(entry.path().toString());
      assertTrue(Files.exists(path, LinkOption.NOFOLLOW_LINKS), entry.path().toString());
      if (entry.isFile()) {
        files++;
        assertArrayEquals(Files.readAllBytes(path), read.contents().get(i));
      }
    }
    assertTrue(files >= 7, files + " files");
  }

  private void assertCommonsCompressAgrees(ReadTar read) throws IOException {
    try (var other = new TarArchiveInputStream(Files.newInputStream(archive), UTF_8.name())) {
      for (int i = 0; i < read.entries().size(); i++) {
        var mine = read.entries().get(i);
        var theirs = other.getNextEntry();
        assertEquals(ArchivePath.of(theirs.getName()), mine.path());
        assertEquals(theirs.getMode() & 07777, mine.mode());
        assertEquals(theirs.getLongUserId(), mine.uid());
        assertEquals(theirs.getLastModifiedTime().toInstant().getEpochSecond(), mine.mtime());
        assertEquals(theirs.isDirectory(), mine.isDirectory());
        if (mine.isFile()) {
          assertEquals(theirs.getRealSize(), mine.size());
          assertArrayEquals(other.readAllBytes(), read.contents().get(i), theirs.getName());
        }
      }
      assertNull(other.getNextEntry());
    }
  }

  private static byte[] noise(int size) {
    var bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
