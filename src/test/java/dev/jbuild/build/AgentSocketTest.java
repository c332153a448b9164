package dev.jbuild.build;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The socket behind which a person's SSH agent is. The agent here answers with what it was asked.
class AgentSocketTest {

  @TempDir Path temp;
  private final List<byte[]> asked = new CopyOnWriteArrayList<>();
  private ServerSocketChannel agent;
  private AgentSocket socket;

  @BeforeEach
  void open() throws IOException {
    var path = temp.resolve("agent");
    agent = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    agent.bind(UnixDomainSocketAddress.of(path));
    Thread.ofVirtual().start(this::answer);
    var deep = Files.createDirectories(temp.resolve("x".repeat(150))); // too long for a socket
    var owner = Files.getAttribute(deep, "unix:uid");
    socket = AgentSocket.open(deep, "s", path, 0640, (int) owner, (int) owner);
  }

  private void answer() {
    try {
      while (true) {
        var client = agent.accept();
        Thread.ofVirtual().start(() -> echo(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void echo(SocketChannel client) {
    try (client) {
      var buffer = ByteBuffer.allocate(4096);
      for (int n = client.read(buffer); n >= 0; n = client.read(buffer)) {
        asked.add(Arrays.copyOf(buffer.array(), n));
        client.write(buffer.flip());
        buffer.clear();
      }
    } catch (IOException e) {
      // closed
    }
  }

  @AfterEach
  void close() throws IOException {
    socket.close();
    agent.close();
    assertFalse(Files.exists(socketPath()));
  }

  private Path socketPath() {
    return temp.resolve("x".repeat(150)).resolve("s");
  }

  /// What is answered to `message`; nothing if the connection is closed.
  private byte[] ask(byte... message) throws IOException {
    var link = temp.resolve("short");
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, socketPath());
    try (var client = SocketChannel.open(UnixDomainSocketAddress.of(link))) {
      client.write(ByteBuffer.wrap(message));
      var buffer = ByteBuffer.allocate(4096);
      int n = client.read(buffer);
      return Arrays.copyOf(buffer.array(), Math.max(n, 0));
    } catch (IOException e) {
      return new byte[0]; // closed before all was read
    }
  }

  @Test
  void whichKeysThereAreAndSignaturesArePassedOn() throws IOException {
    byte[] list = {0, 0, 0, 1, 11};
    byte[] sign = {0, 0, 0, 4, 13, 1, 2, 3};
    assertArrayEquals(list, ask(list));
    assertArrayEquals(sign, ask(sign));
    assertEquals(2, asked.size());
    assertEquals(
        "rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socketPath())));
  }

  @Test
  void nothingElseReachesTheAgent() throws IOException {
    byte[] failure = {0, 0, 0, 1, 5};
    for (byte type : new byte[] {0, 1, 12, 17, 18, 19, 20, 22, 23, 25, 27, -1}) {
      assertArrayEquals(failure, ask((byte) 0, (byte) 0, (byte) 0, (byte) 1, type), "" + type);
    }
    assertEquals(List.of(), asked);
  }

  @Test
  void whatIsNoMessageEndsTheConnection() throws IOException {
    assertEquals(0, ask((byte) 0x7F, (byte) 0, (byte) 0, (byte) 0).length);
    assertEquals(0, ask((byte) -1, (byte) -1, (byte) -1, (byte) -1, (byte) 11).length);
    assertEquals(0, ask((byte) 0, (byte) 0, (byte) 0, (byte) 0).length);
    assertEquals(List.of(), asked);
  }

  @Test
  void anAgentThatIsGoneEndsTheConnection() throws IOException {
    agent.close();
    assertEquals(0, ask((byte) 0, (byte) 0, (byte) 0, (byte) 1, (byte) 11).length);
  }
}
