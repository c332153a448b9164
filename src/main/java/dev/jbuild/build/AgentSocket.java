package dev.jbuild.build;

import dev.jbuild.linux.Directory;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// A socket for one step, behind which is a person's SSH agent.
///
/// The person's own socket would be of no use in a step that runs as somebody else, and of too much
/// use to all others: through this one a step can ask which keys there are and have something
/// signed (draft-ietf-sshm-ssh-agent), but not add or remove keys or lock the agent.
final class AgentSocket implements AutoCloseable {

  private static final int REQUEST_IDENTITIES = 11;
  private static final int SIGN_REQUEST = 13;
  private static final byte[] FAILURE = {0, 0, 0, 1, 5};
  private static final int LONGEST_MESSAGE = 256 << 10;
  private static final int MOST_CONNECTIONS = 32;

  private final Directory directory;
  private final String name;
  private final Path agent;
  private final ServerSocketChannel server;
  private final Semaphore free = new Semaphore(MOST_CONNECTIONS);
  private final Set<Channel> connections = ConcurrentHashMap.newKeySet();

  private AgentSocket(Directory directory, String name, Path agent, ServerSocketChannel server) {
    this.directory = directory;
    this.name = name;
    this.agent = agent;
    this.server = server;
  }

  /// Makes the socket `name` in `parent`, and serves it until closed.
  ///
  /// @param agent the socket of the agent
  /// @param mode of the new socket, as `uid` and `gid`
  static AgentSocket open(Path parent, String name, Path agent, int mode, long uid, long gid)
      throws IOException {
    var directory = Directory.open(parent);
    try {
      var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        // A path of a socket has at most 107 bytes; this one is short wherever the store is.
        server.bind(UnixDomainSocketAddress.of("/proc/self/fd/" + directory.number() + "/" + name));
        var bytes = name.getBytes(StandardCharsets.US_ASCII);
        directory.setOwner(bytes, uid, gid);
        directory.setMode(bytes, mode);
        var socket = new AgentSocket(directory, name, agent, server);
        Thread.ofVirtual().name("ssh-agent").start(socket::accept);
        return socket;
      } catch (IOException | RuntimeException e) {
        server.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  private void accept() {
    try {
      while (true) {
        free.acquire();
        var client = server.accept();
        connections.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException | InterruptedException e) {
      // Closed: nobody may connect any more.
    }
  }

  private void serve(SocketChannel client) {
    try (client;
        var to = SocketChannel.open(UnixDomainSocketAddress.of(agent))) {
      connections.add(to);
      try {
        while (true) {
          var request = message(client);
          int type = request.remaining() > 4 ? request.get(4) : 0;
          if (type == REQUEST_IDENTITIES || type == SIGN_REQUEST) {
            send(to, request);
            send(client, message(to));
          } else {
            send(client, ByteBuffer.wrap(FAILURE));
          }
        }
      } finally {
        connections.remove(to);
      }
    } catch (IOException e) {
      // One of the two is gone: the other sees the end of its connection.
    } finally {
      connections.remove(client);
      free.release();
    }
  }

  /// The next message with its length, ready to be sent on.
  private static ByteBuffer message(SocketChannel from) throws IOException {
    var length = ByteBuffer.allocate(4);
    fill(from, length);
    int size = length.getInt(0);
    if (size < 1 || size > LONGEST_MESSAGE) {
      throw new IOException("no message of an agent has " + size + " bytes");
    }
    var message = ByteBuffer.allocate(4 + size).putInt(size);
    fill(from, message);
    return message.flip();
  }

  private static void fill(SocketChannel from, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (from.read(buffer) < 0) {
        throw new EOFException();
      }
    }
  }

  private static void send(SocketChannel to, ByteBuffer message) throws IOException {
    while (message.hasRemaining()) {
      to.write(message);
    }
  }

  /// Ends all connections and removes the socket.
  @Override
  public void close() throws IOException {
    try (directory) {
      server.close();
      for (var connection : connections) {
        connection.close();
      }
      directory.unlink(name.getBytes(StandardCharsets.US_ASCII));
    }
  }
}
