package dev.jbuild.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.image.MediaType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Content by digest.
class BlobsTest {

  @TempDir Path temp;
  private Store store;
  private Blobs blobs;

  @BeforeEach
  void open() throws IOException {
    store = Store.open(temp.resolve("store"));
    blobs = store.blobs();
  }

  @AfterEach
  void close() throws IOException {
    store.close();
    try (var left = Files.list(temp.resolve("store/tmp"))) {
      assertEquals(List.of(), left.toList(), "temporary files are left");
    }
  }

  private static byte[] random(int size) {
    var bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 131071, 131072, 131073, 1000003, 9000003})
  void givesBackWhatWasPut(int size) throws IOException {
    var content = random(size);

    var digest = blobs.put(content);

    assertEquals(Digest.of(content), digest);
    assertArrayEquals(content, blobs.read(digest, size));
    assertEquals(size, blobs.size(digest));
    assertTrue(blobs.contains(digest));
    try (var in = blobs.open(digest)) {
      assertArrayEquals(content, in.readAllBytes());
      assertEquals(-1, in.read());
    }
    try (var file = blobs.file(digest)) {
      assertEquals(size, file.stat().size());
    }
  }

  /// Case 109.
  @Test
  void aBlobIsReadOnlyForAll() throws IOException {
    var digest = blobs.put(random(10));
    assertEquals(
        "r--r--r--",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(blobs.path(digest))));
  }

  @Test
  void piecesOfAnySizeMakeOneBlob() throws IOException {
    var content = random(700_000);
    var random = new Random(1);
    try (var writer = blobs.create()) {
      for (int at = 0; at < content.length; ) {
        int size =
            Math.min(content.length - at, random.nextInt(4) == 0 ? 1 : random.nextInt(300_000));
        if (size == 1) {
          writer.write(content[at]);
        } else {
          writer.write(content, at, size);
        }
        at += size;
        assertEquals(at, writer.position());
      }
      assertEquals(Digest.of(content), writer.commit());
      assertThrows(IOException.class, () -> writer.write(content, 0, content.length));
    }
    assertArrayEquals(content, blobs.read(Digest.of(content), content.length));
  }

  @Test
  void whatIsNotCommittedLeavesNothing() throws IOException {
    try (var writer = blobs.create()) {
      writer.write(random(300_000));
    }
    try (var all = Files.list(temp.resolve("store/blobs/sha256"))) {
      assertEquals(0, all.count());
    }
  }

  @Test
  void sameContentTwiceIsOneFileThatIsNotWrittenAgain() throws IOException {
    var digest = blobs.put(random(100));
    var before = Files.readAttributes(blobs.path(digest), "unix:ino");
    assertEquals(digest, blobs.put(random(100)));
    assertEquals(before, Files.readAttributes(blobs.path(digest), "unix:ino"));
  }

  @Test
  void aMissingBlobIsSaidToBeMissing() {
    var digest = Digest.of(random(1));
    assertFalse(blobs.contains(digest));
    for (var failure :
        List.of(
            assertThrows(MissingBlobException.class, () -> blobs.open(digest)),
            assertThrows(MissingBlobException.class, () -> blobs.file(digest)),
            assertThrows(MissingBlobException.class, () -> blobs.size(digest)),
            assertThrows(MissingBlobException.class, () -> blobs.read(digest, 9)))) {
      assertEquals(digest, failure.digest());
    }
  }

  private void overwrite(Digest digest, byte[] content) throws IOException {
    Files.delete(blobs.path(digest));
    Files.write(blobs.path(digest), content);
  }

  /// Case 113.
  @ParameterizedTest
  @ValueSource(ints = {0, 150_000, 299_999})
  void aFlippedBitIsFoundBeforeTheLastByteIsGivenOut(int at) throws IOException {
    var content = random(300_000);
    var digest = blobs.put(content);
    var damaged = content.clone();
    damaged[at] ^= 4;
    overwrite(digest, damaged);

    try (var in = blobs.open(digest)) {
      var failure = assertThrows(CorruptBlobException.class, () -> in.readNBytes(content.length));
      var said = String.valueOf(failure.getMessage());
      assertTrue(said.contains(digest.toString()), said);
      assertTrue(said.contains(blobs.path(digest).toString()), said);
      assertTrue(said.contains("jbuild store check --repair"), said);
      assertEquals(digest, failure.digest());
    }
    assertThrows(CorruptBlobException.class, () -> blobs.read(digest, content.length));
  }

  /// Cases 113 and 116.
  @ParameterizedTest
  @ValueSource(ints = {0, 99, 101})
  void aBlobOfAnotherLengthIsFoundAndReplaced(int length) throws IOException {
    var content = random(100);
    var digest = blobs.put(content);
    overwrite(digest, Arrays.copyOf(content, length));
    var descriptor = new Descriptor(MediaType.OCI_LAYER, digest, 100);

    assertFalse(blobs.contains(descriptor));
    assertThrows(CorruptBlobException.class, () -> blobs.open(descriptor));
    assertThrows(CorruptBlobException.class, () -> blobs.read(digest, 1000));

    blobs.put(content);

    assertTrue(blobs.contains(descriptor));
    assertArrayEquals(content, blobs.read(digest, 100));
  }

  /// Case 116: also if only its bytes are wrong.
  @Test
  void aDamagedBlobOfTheRightLengthIsReplaced() throws IOException {
    var content = random(100);
    var digest = blobs.put(content);
    overwrite(digest, new byte[100]);
    blobs.put(content);
    assertArrayEquals(content, blobs.read(digest, 100));

    overwrite(digest, new byte[100]);
    try (var writer = blobs.create()) {
      writer.write(content);
      writer.commit();
    }
    assertArrayEquals(content, blobs.read(digest, 100));
  }

  @Test
  void readsNoMoreThanAskedFor() throws IOException {
    var digest = blobs.put(random(101));
    assertThrows(CorruptBlobException.class, () -> blobs.read(digest, 100));
  }

  private static Descriptor descriptor(byte[] content, long size) {
    return new Descriptor(MediaType.OCI_LAYER, Digest.of(content), size);
  }

  @Test
  void takesExactlyWhatADescriptorSays() throws IOException {
    var content = random(200_000);
    blobs.put(descriptor(content, content.length), new ByteArrayInputStream(content));
    assertArrayEquals(content, blobs.read(Digest.of(content), content.length));
  }

  /// Case 34.
  @Test
  void refusesContentOfAnotherDigestNamingBoth() {
    var expected = random(50);
    var other = expected.clone();
    other[7]++;

    var failure =
        assertThrows(
            WrongContentException.class,
            () -> blobs.put(descriptor(expected, 50), new ByteArrayInputStream(other)));

    var said = String.valueOf(failure.getMessage());
    assertTrue(said.contains(Digest.of(expected).toString()), said);
    assertTrue(said.contains(Digest.of(other).toString()), said);
    assertFalse(blobs.contains(Digest.of(expected)));
    assertFalse(blobs.contains(Digest.of(other)));
  }

  /// Case 35: too short, one byte too many, and right bytes under a wrong size.
  @Test
  void refusesContentOfAnotherSize() {
    var content = random(50);
    for (long size : new long[] {49, 51, 0}) {
      assertThrows(
          WrongContentException.class,
          () -> blobs.put(descriptor(content, size), new ByteArrayInputStream(content)));
      assertFalse(blobs.contains(Digest.of(content)));
    }
  }

  /// Case 44: an endless body is left at its first byte too many.
  @Test
  void stopsReadingWhenThereIsTooMuch() {
    var endless =
        new java.io.InputStream() {
          @Override
          public int read() {
            return 0;
          }
        };
    assertThrows(WrongContentException.class, () -> blobs.put(descriptor(random(50), 50), endless));
  }

  /// Case 117: nothing is written to java.io.tmpdir, which may be another file system.
  @Test
  void writesOnlyInsideTheStore() throws IOException {
    try (var writer = blobs.create()) {
      writer.write(random(200_000));
      try (var inTmp = Files.walk(temp.resolve("store/tmp"))) {
        assertEquals(1, inTmp.filter(Files::isRegularFile).count());
      }
      writer.commit();
    }
  }

  /// Case 107; the text is what the kernel and libc really give.
  @Test
  void aFullDiskIsNamedWithWhatIsFree() throws IOException {
    var full =
        assertThrows(IOException.class, () -> Files.write(Path.of("/dev/full"), new byte[] {1}));

    var failure = assertThrows(BuildFailure.class, () -> StoreFailures.unlessFull(full, temp));

    assertTrue(failure.message().startsWith("no space left on device"), failure.message());
    assertTrue(failure.message().contains(temp.toString()), failure.message());
    assertTrue(failure.message().contains("bytes free"), failure.message());
    assertEquals(7, failure.kind().exitCode());
    var explained = store.explain(full).message();
    assertEquals( // others use the disk, too
        failure.message().replaceAll("[0-9]+ bytes", "N bytes"),
        explained
            .replace(store.root().toString(), temp.toString())
            .replaceAll("[0-9]+ bytes", "N bytes"));
  }

  @Test
  void aClosedStoreTakesNothing() throws IOException {
    var other = Store.open(temp.resolve("store"));
    other.blobs().put(random(3));
    other.close();
    assertThrows(IllegalStateException.class, () -> other.blobs().put("x".getBytes(UTF_8)));
  }
}
