package dev.jbuild.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Accepts connections and gives each a virtual thread. Ends those that keep it waiting.
final class Listener implements AutoCloseable {

  private static final int BACKLOG = 1024;
  private static final Duration WATCH = Duration.ofSeconds(2);

  private final ServerSocket server;
  private final Limits limits;
  private final @Nullable SSLContext tls;
  private final Connection.Service service;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /// @param tls if TLS is to be spoken
  /// @throws IOException if the address cannot be listened on
  Listener(
      InetSocketAddress address,
      Limits limits,
      @Nullable SSLContext tls,
      Connection.Service service)
      throws IOException {
    this.limits = limits;
    this.tls = tls;
    this.service = service;
    this.server = new ServerSocket();
    try {
      server.setReuseAddress(true);
      server.bind(address, BACKLOG);
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  void start() {
    Thread.ofPlatform().daemon().name("registry-accept").start(this::accept);
    Thread.ofVirtual().name("registry-watch").start(this::watch);
  }

  int port() {
    return server.getLocalPort();
  }

  /// How many connections are open.
  int open() {
    return connections.size();
  }

  private void accept() {
    while (!closed) {
      try {
        take(server.accept());
      } catch (SocketException e) {
        if (closed) {
          return;
        }
        pause(); // no file descriptors left, or a client that was gone at once
      } catch (IOException e) {
        pause();
      }
    }
  }

  private void take(Socket socket) {
    if (connections.size() >= limits.connections() && !endIdlest()) {
      turnAway(socket);
      return;
    }
    var connection = new Connection(socket, limits, tls, service);
    connections.add(connection);
    Thread.ofVirtual()
        .start(
            () -> {
              threads.add(Thread.currentThread());
              try {
                connection.run();
              } finally {
                connections.remove(connection);
                threads.remove(Thread.currentThread());
              }
            });
  }

  private boolean endIdlest() {
    var idlest =
        connections.stream()
            .filter(Connection::isIdle)
            .min(Comparator.comparingLong(Connection::deadline));
    idlest.ifPresent(
        connection -> {
          connection.end();
          connections.remove(connection);
        });
    return idlest.isPresent();
  }

  private static void turnAway(Socket socket) {
    var answer =
        RequestHead.VERSION_11
            + " 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
            + "Connection: close\r\n\r\n";
    try (socket) {
      socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      return; // it did not wait for the answer
    }
  }

  private void watch() {
    while (!closed) {
      connections.stream().filter(Connection::isOverdue).forEach(Connection::end);
      try {
        Thread.sleep(WATCH);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Stops listening, lets requests that are being served end for `patience`, then ends them.
  void close(Duration patience) {
    closed = true;
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    connections.stream().filter(Connection::isIdle).forEach(Connection::end);
    long end = System.nanoTime() + patience.toNanos();
    while (!connections.isEmpty() && System.nanoTime() - end < 0) {
      connections.stream().filter(Connection::isIdle).forEach(Connection::end);
      pause();
    }
    connections.forEach(Connection::end);
    threads.forEach(Listener::join);
  }

  private static void join(Thread thread) {
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    close(Duration.ZERO);
  }
}
