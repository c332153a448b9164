package dev.jbuild.http;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Sends single requests through the proxies of the environment. Whoever uses it decides on
/// redirects and further attempts; a connection on which nothing moves for too long is given up.
/// Safe for use by many threads.
public final class WebClient implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// Classes of Java's boot class path, as jbuild's are, do not see the JDK's client. So those that
  /// use it are on the class path, and say that they are there when they are loaded.
  private static final String NETWORK = "dev.jbuild.network.JavaTransport";

  private static volatile Transport.@Nullable Maker maker;

  private final Map<String, String> environment;
  private final Duration patience;
  private final Supplier<@Nullable SSLContext> tls;
  private @Nullable Transport transport;
  private boolean isClosed;

  /// A client that trusts whom Java trusts.
  ///
  /// @param environment of the process: its proxies
  public WebClient(Map<String, String> environment) {
    this(environment, PATIENCE, () -> null);
  }

  /// @param patience how long an answer, and each next byte of it, may take
  /// @param tls whom it trusts and who it is; asked for once, before the first request by https
  public WebClient(
      Map<String, String> environment, Duration patience, Supplier<@Nullable SSLContext> tls) {
    this.environment = Map.copyOf(environment);
    this.patience = patience;
    this.tls = tls;
  }

  /// Has all clients send through what `made` makes.
  public static void sendThrough(Transport.Maker made) {
    maker = made;
  }

  /// Sends a request and waits for the headers of its answer.
  ///
  /// @throws PassingException for whatever the network does
  /// @throws IOException only what the request's own body throws
  public WebAnswer send(WebRequest request) throws IOException, InterruptedException {
    return transport().send(request);
  }

  /// Not before something is sent: to load the JDK's client takes its time.
  private synchronized Transport transport() throws PassingException {
    var known = transport;
    if (known == null) {
      if (isClosed) {
        throw new PassingException("the client is closed", Optional.empty());
      }
      known = maker().make(environment, patience, tls);
      transport = known;
    }
    return known;
  }

  private static Transport.Maker maker() {
    if (maker == null) {
      try {
        Class.forName(NETWORK, true, ClassLoader.getSystemClassLoader());
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException("lib/jbuild-network.jar is missing", e);
      }
    }
    var known = maker;
    if (known == null) {
      throw new IllegalStateException(NETWORK + " does not say how to send");
    }
    return known;
  }

  /// Drops all connections; what is sent afterwards fails.
  @Override
  public void close() {
    Transport known;
    synchronized (this) {
      isClosed = true;
      known = transport;
    }
    if (known != null) {
      known.close();
    }
  }
}
