package dev.jbuild.http;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// What a [WebClient] sends through. Safe for use by many threads.
public interface Transport extends AutoCloseable {

  /// Sends a request and waits for the headers of its answer.
  ///
  /// @throws PassingException for whatever the network does
  /// @throws IOException only what the request's own body throws
  WebAnswer send(WebRequest request) throws IOException, InterruptedException;

  /// Drops all connections; what is sent afterwards fails.
  @Override
  void close();

  /// Makes transports.
  @FunctionalInterface
  interface Maker {

    /// @param environment of the process: its proxies
    /// @param patience how long an answer, and each next byte of it, may take
    /// @param tls whom it trusts and who it is; asked for once, before the first request by https
    Transport make(
        Map<String, String> environment, Duration patience, Supplier<@Nullable SSLContext> tls);
  }
}
