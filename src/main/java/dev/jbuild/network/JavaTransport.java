package dev.jbuild.network;

import dev.jbuild.http.Body;
import dev.jbuild.http.PassingException;
import dev.jbuild.http.Proxies;
import dev.jbuild.http.Transport;
import dev.jbuild.http.WebAddress;
import dev.jbuild.http.WebAnswer;
import dev.jbuild.http.WebBody;
import dev.jbuild.http.WebClient;
import dev.jbuild.http.WebRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/// Sends through the JDK's client, and through the proxies of the environment. A connection on
/// which nothing moves for too long is given up. Safe for use by many threads.
final class JavaTransport implements Transport {

  /// The JDK's client moves bodies in pieces of this size. With its own 16 KiB a pull takes half as
  /// much processor time again; with more the heap grows.
  private static final String BUFFER = "jdk.httpclient.bufsize";

  private static final int BUFFER_SIZE = 128 << 10;

  static { // before any class of the client looks for it
    if (System.getProperty(BUFFER) == null) {
      System.setProperty(BUFFER, String.valueOf(BUFFER_SIZE));
    }
    WebClient.sendThrough(JavaTransport::new);
  }

  /// So many times longer may the answer take once a body is sent: the server hashes it.
  private static final int DIGESTION = 10;

  private final Map<String, String> environment;
  private final Duration patience;
  private final Supplier<@Nullable SSLContext> tls;
  private @Nullable Proxies proxies;
  private @Nullable HttpClient plain;
  private @Nullable HttpClient secure;
  private boolean isClosed;

  private JavaTransport(
      Map<String, String> environment, Duration patience, Supplier<@Nullable SSLContext> tls) {
    this.environment = environment;
    this.patience = patience;
    this.tls = tls;
  }

  @Override
  public WebAnswer send(WebRequest request) throws IOException, InterruptedException {
    var draft = HttpRequest.newBuilder(request.address());
    draft.setHeader("User-Agent", "jbuild");
    request.headers().forEach(draft::setHeader);
    var sent = request.body().map(Sent::new);
    draft.method(
        request.method(), sent.map(Sent::publisher).orElse(HttpRequest.BodyPublishers.noBody()));
    var future =
        client(request.address()).sendAsync(draft.build(), HttpResponse.BodyHandlers.ofPublisher());
    try {
      var response = await(future, sent);
      return new WebAnswer(
          response.statusCode(),
          response.uri(),
          response.headers().map(),
          new Body(response.body(), patience));
    } catch (ExecutionException e) {
      sent.ifPresent(Sent::close);
      var own = sent.flatMap(Sent::failure);
      if (own.isPresent()) {
        throw own.get();
      }
      var cause = e.getCause() == null ? e : e.getCause();
      throw new PassingException(
          PassingException.why(cause) + proxied(request.address(), cause), cause);
    } catch (PassingException | InterruptedException e) {
      future.cancel(true);
      throw e;
    }
  }

  /// Waits as long as something moves.
  private HttpResponse<Flow.Publisher<List<ByteBuffer>>> await(
      CompletableFuture<HttpResponse<Flow.Publisher<List<ByteBuffer>>>> future, Optional<Sent> sent)
      throws ExecutionException, InterruptedException, PassingException {
    long moved = 0;
    int silent = 0;
    while (true) {
      try {
        return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        long now = sent.map(Sent::bytes).orElse(0L);
        silent = now > moved ? 0 : silent + 1;
        moved = now;
        if (silent >= (sent.isPresent() && sent.get().isWhole() ? DIGESTION : 1)) {
          throw new PassingException("no answer came for " + patience.toSeconds() + " s", e);
        }
      }
    }
  }

  /// A body on its way. Its own failures are kept apart from those of the connection.
  private static final class Sent {
    private final WebBody body;
    private volatile long bytes;
    private volatile boolean whole;
    private volatile @Nullable IOException failure;
    private volatile @Nullable InputStream open;

    Sent(WebBody body) {
      this.body = body;
    }

    long bytes() {
      return bytes;
    }

    boolean isWhole() {
      return whole;
    }

    Optional<IOException> failure() {
      return Optional.ofNullable(failure);
    }

    void close() {
      var in = open;
      if (in != null) {
        try {
          in.close();
        } catch (IOException e) {
          failure = e;
        }
      }
    }

    HttpRequest.BodyPublisher publisher() {
      if (body.length() == 0) {
        return HttpRequest.BodyPublishers.noBody();
      }
      var publisher = HttpRequest.BodyPublishers.ofInputStream(this::stream);
      return body.length() < 0
          ? publisher
          : HttpRequest.BodyPublishers.fromPublisher(publisher, body.length());
    }

    private InputStream stream() {
      try {
        var in = new Counted(body.open());
        open = in;
        return in;
      } catch (IOException e) {
        failure = e;
        throw new UncheckedIOException(e);
      }
    }

    private final class Counted extends FilterInputStream {

      Counted(InputStream in) {
        super(in);
      }

      @Override
      public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      @SuppressWarnings("NonAtomicVolatileUpdate") // one thread reads a body
      public int read(byte[] into, int offset, int length) throws IOException {
        try {
          int n = in.read(into, offset, length);
          bytes += Math.max(0, n);
          whole = n < 0 || bytes == body.length();
          return n;
        } catch (IOException e) {
          failure = e;
          throw e;
        }
      }
    }
  }

  /// Who it is that cannot be reached, if it is not the server itself.
  private String proxied(URI address, Throwable cause) {
    var proxy = proxies().proxy(address);
    return cause instanceof ConnectException && proxy.isPresent()
        ? ", at the proxy " + proxy.get().getHost() + ":" + WebAddress.port(proxy.get())
        : "";
  }

  /// Not before something is sent: Java loads its network library for a class like it.
  private synchronized Proxies proxies() {
    var known = proxies;
    if (known == null) {
      known = new Proxies(environment);
      proxies = known;
    }
    return known;
  }

  /// What http and https are spoken with. Each begins when it is first needed: to set up TLS takes
  /// longer than all requests of a push that sends nothing.
  private synchronized HttpClient client(URI address) throws PassingException {
    if (isClosed) {
      throw new PassingException("the client is closed", Optional.empty());
    }
    var known = WebAddress.isSecure(address) ? secure : plain;
    if (known != null) {
      return known;
    }
    if (WebAddress.isSecure(address)) {
      var draft = draft();
      var context = tls.get();
      if (context != null) {
        draft.sslContext(context);
      }
      known = draft.build();
      secure = known;
    } else {
      known = draft().sslContext(new NoTls()).sslParameters(new SSLParameters()).build();
      plain = known;
    }
    return known;
  }

  private HttpClient.Builder draft() {
    var proxies = proxies();
    var draft =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(patience)
            .proxy(proxies)
            .executor(Executors.newVirtualThreadPerTaskExecutor());
    if (proxies.needPassword()) {
      // Basic is switched off for tunnels in the JDK; without it a proxy's password is no use.
      System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
      draft.authenticator(proxies.authenticator());
    }
    return draft;
  }

  @Override
  public void close() {
    List<HttpClient> open;
    synchronized (this) {
      isClosed = true;
      open = Stream.of(plain, secure).flatMap(Stream::ofNullable).toList();
    }
    open.forEach(HttpClient::shutdownNow); // all, before there is a wait for one
    open.forEach(HttpClient::close);
  }
}
