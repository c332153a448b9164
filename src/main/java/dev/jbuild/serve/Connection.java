package dev.jbuild.serve;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// One client's connection: TLS if it is wanted, then request after request, on one virtual thread.
///
/// Its first byte tells TLS from plain HTTP, and whoever comes with the wrong one is told so at
/// once, in plain HTTP: that is what Go's clients recognise ("server gave HTTP response to HTTPS
/// client"), and what lets them try the other.
final class Connection implements Runnable {

  private static final int TLS_HANDSHAKE = 0x16;
  private static final int BUFFER = 8 << 10;
  private static final long MOST_LINGERED = 4 << 20;
  private static final Duration LINGERED = Duration.ofSeconds(5);

  /// A body may come no slower than so many bytes a second, over the time of [Limits#stall].
  private static final int SLOWEST = 512;

  private final Socket socket;
  private final Limits limits;
  private final @Nullable SSLContext tls;
  private final Service service;
  private final LongSupplier clock = System::nanoTime;

  /// Until when the client has to have done what is waited for; 0 if for nothing.
  private volatile long deadline;

  private volatile boolean idle = true;

  /// Bytes of a body, and for how long they were waited for; both begin anew when enough has come.
  private long came;

  private long waited;

  /// What answers requests.
  interface Service {
    void serve(Exchange exchange, String client) throws IOException;
  }

  Connection(Socket socket, Limits limits, @Nullable SSLContext tls, Service service) {
    this.socket = socket;
    this.limits = limits;
    this.tls = tls;
    this.service = service;
  }

  @Override
  public void run() {
    try (socket) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) limits.stall().toMillis());
      expect(limits.idle().toNanos());
      var raw = socket.getInputStream();
      int first = raw.read();
      if (first < 0) {
        return;
      }
      boolean hello = first == TLS_HANDSHAKE;
      var context = tls;
      if (context == null && !hello) {
        var whole = new PushbackInputStream(raw, 1);
        whole.unread(first);
        speak(whole, socket.getOutputStream(), false);
      } else if (context != null && hello) {
        try (var secure = secure(context, (byte) first)) {
          speak(secure.getInputStream(), secure.getOutputStream(), true);
        }
      } else {
        wrongScheme(hello);
      }
    } catch (IOException e) {
      return; // the client is gone, or its TLS is not ours: nobody is there to be told
    }
  }

  private SSLSocket secure(SSLContext context, byte first) throws IOException {
    var consumed = new ByteArrayInputStream(new byte[] {first});
    var secure = (SSLSocket) context.getSocketFactory().createSocket(socket, consumed, true);
    secure.startHandshake();
    return secure;
  }

  private void wrongScheme(boolean hello) throws IOException {
    var message =
        hello
            ? "this registry speaks http, not https\n"
            : "this registry speaks https, not http: put https:// in front of its address\n";
    var body = message.getBytes(StandardCharsets.US_ASCII);
    var head =
        RequestHead.VERSION_11
            + " 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: "
            + body.length
            + "\r\nConnection: close\r\n\r\n";
    var out = socket.getOutputStream();
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(body);
    out.flush();
    socket.shutdownOutput();
    linger(socket.getInputStream());
  }

  /// Takes what still comes off the line: a socket that is closed with bytes unread is reset, and
  /// the answer is lost with it.
  private void linger(InputStream in) throws IOException {
    expect(LINGERED.toNanos());
    var rest = new byte[BUFFER];
    long left = MOST_LINGERED;
    while (left > 0) {
      int count = in.read(rest);
      if (count < 0) {
        return;
      }
      left -= count;
    }
  }

  private void speak(InputStream from, OutputStream to, boolean secure) throws IOException {
    var in = new BufferedInputStream(new Guarded(from), BUFFER);
    var out = new BufferedOutputStream(new Timed(to), BUFFER);
    boolean more = true;
    while (more) {
      expect(limits.idle().toNanos());
      idle = true;
      more = serveOne(in, out, secure);
    }
  }

  private boolean serveOne(InputStream in, OutputStream out, boolean secure) throws IOException {
    Optional<Exchange> exchange;
    try {
      var head = RequestHead.read(in);
      expectNothing();
      exchange = head.map(each -> new Exchange(each, in, out, secure));
    } catch (Refusal e) {
      expectNothing();
      refuse(e, out);
      if (!secure) {
        socket.shutdownOutput();
        linger(in);
      }
      return false;
    }
    if (exchange.isEmpty()) {
      return false;
    }
    service.serve(exchange.get(), client());
    return exchange.get().finish();
  }

  /// For a request of which not even the head could be read.
  private static void refuse(Refusal refusal, OutputStream out) throws IOException {
    var body = refusal.json();
    var head =
        RequestHead.VERSION_11
            + " "
            + refusal.status()
            + " "
            + Exchange.reason(refusal.status())
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length
            + "\r\nConnection: close\r\n\r\n";
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(body);
    out.flush();
  }

  String client() {
    return socket.getInetAddress().getHostAddress();
  }

  private void expect(long nanos) {
    long until = clock.getAsLong() + nanos;
    deadline = until == 0 ? 1 : until;
  }

  private void expectNothing() {
    idle = false;
    deadline = 0;
    waited = 0;
    came = 0;
  }

  /// Takes notice of bytes of a body, and of how long they let wait: a byte now and then would keep
  /// a connection for ever (reliability case 133).
  private void pace(int bytes, long nanos) throws ClientGoneException {
    if (idle) {
      return; // a head has its time as a whole
    }
    came += bytes;
    waited += nanos;
    if (came * 1000 >= limits.stall().toMillis() * SLOWEST) {
      came = 0;
      waited = 0;
    } else if (waited > limits.stall().toNanos()) {
      throw new ClientGoneException("the client sends too slowly");
    }
  }

  /// Whether what is waited for took too long.
  boolean isOverdue() {
    long until = deadline;
    return until != 0 && clock.getAsLong() - until > 0;
  }

  /// Whether it is between two requests or before the first.
  boolean isIdle() {
    return idle;
  }

  /// For the choice of one that has been idle for long.
  long deadline() {
    return deadline;
  }

  /// Ends the connection, whatever its thread waits for.
  void end() {
    try {
      socket.close();
    } catch (IOException e) {
      return; // it is closed all the same
    }
  }

  /// Reads whose failures are the client's.
  private final class Guarded extends InputStream {

    private final InputStream in;

    Guarded(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      long since = clock.getAsLong();
      try {
        int count = in.read(into, offset, length);
        pace(count, clock.getAsLong() - since);
        return count;
      } catch (ClientGoneException e) {
        throw e;
      } catch (SocketTimeoutException e) {
        throw new ClientGoneException("the client sent nothing for too long", e);
      } catch (SSLException e) {
        throw new ClientGoneException("the client broke off its TLS", e);
      } catch (IOException e) {
        throw new ClientGoneException("the client closed its connection", e);
      }
    }

    @Override
    public int available() throws IOException {
      return in.available();
    }
  }

  /// Writes that the client has to take within a time; a socket has no time-out for them.
  private final class Timed extends OutputStream {

    private final OutputStream out;

    Timed(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      expect(limits.stall().toNanos());
      try {
        out.write(from, offset, length);
      } catch (IOException e) {
        throw new ClientGoneException("the client closed its connection", e);
      } finally {
        deadline = 0;
      }
    }

    @Override
    public void flush() throws IOException {
      try {
        out.flush();
      } catch (IOException e) {
        throw new ClientGoneException("the client closed its connection", e);
      }
    }
  }
}
