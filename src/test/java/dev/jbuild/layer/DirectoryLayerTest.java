package dev.jbuild.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileType;
import dev.jbuild.store.Store;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A directory of the machine becomes a layer.
class DirectoryLayerTest {

  @TempDir Path temp;
  private Store store;
  private Path source = Path.of("");
  private List<String> warnings = List.of();

  @BeforeEach
  void open() throws IOException {
    store = Store.open(temp.resolve("store"));
    source = Files.createDirectory(temp.resolve("source"));
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private List<TarEntry> imported() throws IOException {
    try (var layer = new DirectoryLayer(Directory.open(source), OptionalLong.of(1_000))) {
      var written = layer.draft().write(store);
      warnings = layer.warnings();
      return written.index().entries().stream().map(IndexEntry::entry).toList();
    }
  }

  @Test
  void everythingIsInTheFixedOrderWithLinksNotFollowed() throws IOException { // 28
    Files.createDirectories(source.resolve("a/b"));
    Files.writeString(source.resolve("a-b"), "x");
    Files.createLink(source.resolve("z"), source.resolve("a-b"));
    Files.createSymbolicLink(source.resolve("a/link"), Path.of("/etc/passwd"));
    try (var root = Directory.open(source)) {
      root.makeNode("fifo".getBytes(UTF_8), FileType.FIFO, 0600, 0, 0);
      root.createFile(new byte[] {(byte) 0xFF}, 0600).close();
    }

    var entries = imported();

    assertEquals(
        List.of("", "a", "a/b", "a/link", "a-b", "fifo", "z"),
        entries.stream().map(each -> each.path().toString()).limit(7).toList());
    assertArrayEquals(new byte[] {(byte) 0xFF}, entries.get(7).path().bytes());
    assertArrayEquals("/etc/passwd".getBytes(UTF_8), entries.get(3).link());
    assertEquals("a-b", entries.get(6).hardLink().toString());
    assertEquals(TarEntry.Type.FIFO, entries.get(5).type());
    assertEquals(1_000, entries.get(4).mtime());
  }

  @Test
  void aSocketIsLeftOutWithAWarning() throws IOException { // 16
    try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(source.resolve("s")));

      assertEquals(1, imported().size());
    }

    assertEquals(List.of("s is a socket; an image cannot hold it, it is left out"), warnings);
  }

  @Test
  void aNameThatMeansAWhiteoutIsRefused() throws IOException { // 14
    Files.writeString(source.resolve(".wh.x"), "");

    assertThrows(BuildFailure.class, this::imported);
  }
}
