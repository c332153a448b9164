package dev.jbuild.serve;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// A registry that is being served, until it is closed.
///
/// Speaks HTTP/1.1 on virtual threads, with or without TLS. Everything that a client was told is
/// done is on disk, so the process may end in any way at any time.
public final class Registry implements AutoCloseable {

  /// System calls on files hold on to their carrier thread.
  private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";
  private static final int FEWEST_CARRIERS = 8;

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final RegistryOptions options;
  private final Content content;
  private final Listener listener;
  private final RequestLog log;
  private final Limits limits;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread sweeper;
  private final Thread heapWatch =
      Thread.ofVirtual().name("registry-heap").unstarted(new HeapWatch());

  private Registry(
      RegistryOptions options, Content content, Listener listener, RequestLog log, Limits limits) {
    this.options = options;
    this.content = content;
    this.listener = listener;
    this.log = log;
    this.limits = limits;
    this.sweeper = Thread.ofPlatform().daemon().name("registry-sweep").unstarted(this::sweep);
  }

  /// Starts a registry; it answers when this returns.
  ///
  /// @throws BuildFailure if an option is wrong, the port is taken, or what is to be served cannot
  ///     be
  public static Registry start(RegistryOptions options) throws IOException {
    return start(options, Limits.DEFAULT);
  }

  static Registry start(RegistryOptions options, Limits limits) throws IOException {
    moreCarriers();
    var address = address(options);
    var log = new RequestLog(options.requests(), options.troubles());
    @Nullable Credentials credentials =
        options.passwords().isPresent() ? Credentials.read(options.passwords().get()) : null;
    @Nullable SSLContext tls = Certificates.context(options);
    var port = new Port();
    var content = content(options, limits, log, port);
    try {
      var router = new Router(options, content, credentials, log, limits);
      var listener = listen(options, address, limits, tls, router);
      port.number = listener.port();
      var registry = new Registry(options, content, listener, log, limits);
      listener.start();
      registry.sweeper.start();
      registry.heapWatch.start();
      return registry;
    } catch (IOException | RuntimeException e) {
      content.close();
      throw e;
    }
  }

  private static void moreCarriers() {
    if (System.getProperty(CARRIERS) == null) {
      int wanted = Math.max(FEWEST_CARRIERS, Runtime.getRuntime().availableProcessors());
      System.setProperty(CARRIERS, Integer.toString(wanted));
    }
  }

  private static InetSocketAddress address(RegistryOptions options) {
    try {
      return new InetSocketAddress(InetAddress.getByName(options.host()), options.port());
    } catch (UnknownHostException e) {
      throw failure("this machine does not know the address " + Printable.of(options.host()))
          .hint("name one of its own, as in --addr 127.0.0.1:5000");
    }
  }

  private static Listener listen(
      RegistryOptions options,
      InetSocketAddress address,
      Limits limits,
      @Nullable SSLContext tls,
      Router router)
      throws IOException {
    try {
      return new Listener(address, limits, tls, router);
    } catch (BindException e) {
      var what = Printable.of(options.host()) + ":" + options.port();
      var reason = String.valueOf(e.getMessage());
      if (reason.contains("in use")) {
        throw failure("the address " + what + " is in use by another program")
            .hint("stop that one, or take another port with --addr (port 0: any that is free)");
      }
      throw failure("cannot listen on " + what + ": " + Printable.of(reason))
          .hint("name an address of this machine with --addr");
    } catch (SocketException e) {
      throw failure(
          "cannot listen on "
              + Printable.of(options.host())
              + ":"
              + options.port()
              + ": "
              + Printable.of(String.valueOf(e.getMessage())));
    }
  }

  static BuildFailure failure(String message) {
    return BuildFailure.of(BuildFailure.Kind.REGISTRY, message);
  }

  private static Content content(RegistryOptions options, Limits limits, RequestLog log, Port port)
      throws IOException {
    return switch (options.place()) {
      case RegistryOptions.Place.Directory(var directory) ->
          DataDirectory.open(directory.toAbsolutePath().normalize(), limits, log);
      case RegistryOptions.Place.Images(_, var opening) ->
          StoreContent.open(opening, limits, log, domain -> port.isOf(domain, options.host()));
    };
  }

  /// The port, known once it is listened on.
  private static final class Port {

    private volatile int number;

    /// Whether `domain` is this registry: our port at an address of this machine.
    boolean isOf(String domain, String host) {
      int colon = domain.lastIndexOf(':');
      if (colon < 0 || !domain.substring(colon + 1).equals(Integer.toString(number))) {
        return false;
      }
      return List.of("localhost", "127.0.0.1", "[::1]", host, HostName.get())
          .contains(domain.substring(0, colon));
    }
  }

  private void sweep() {
    while (true) {
      try {
        if (closing.await(limits.sweep().toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS)) {
          return;
        }
        content.collect();
      } catch (InterruptedException e) {
        return;
      } catch (IOException | BuildFailure e) {
        log.trouble("garbage was not collected: " + Printable.of(String.valueOf(e.getMessage())));
      }
    }
  }

  /// Collects garbage now.
  void collect() throws IOException {
    content.collect();
  }

  public int port() {
    return listener.port();
  }

  /// `127.0.0.1:5000`, as images are named for it; `localhost` where it listens everywhere.
  public String authority() {
    var given = options.host();
    var host = given.equals("0.0.0.0") || given.equals("::") ? "localhost" : given;
    return (host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host)
        + ":"
        + port();
  }

  /// `http://127.0.0.1:5000`.
  public String url() {
    return (options.tls() instanceof RegistryOptions.Tls.None ? "http://" : "https://")
        + authority();
  }

  /// The certificate of the authority that clients have to trust, if we made it.
  public Optional<java.nio.file.Path> authorityCertificate() {
    return options.tls() instanceof RegistryOptions.Tls.SelfSigned(var directory)
        ? Optional.of(Certificates.authority(directory))
        : Optional.empty();
  }

  /// Stops listening, lets what is being answered end for a while, then ends it. Done again, it
  /// does nothing.
  @Override
  public synchronized void close() {
    if (closing.getCount() == 0) {
      return;
    }
    closing.countDown();
    heapWatch.interrupt();
    listener.close(PATIENCE);
    try {
      sweeper.join(PATIENCE);
      content.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
