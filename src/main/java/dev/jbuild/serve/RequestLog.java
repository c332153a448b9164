package dev.jbuild.serve;

import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.function.Consumer;

/// What a person sees of the requests: a line each, safe to print.
final class RequestLog {

  private final Consumer<String> requests;
  private final Consumer<String> troubles;

  RequestLog(Consumer<String> requests, Consumer<String> troubles) {
    this.requests = requests;
    this.troubles = troubles;
  }

  /// `18:04:05 127.0.0.1 PUT /v2/app/manifests/1 201 0B 12ms`.
  void request(String client, Exchange exchange, long nanos) {
    var target = exchange.target();
    requests.accept(
        String.format(
            Locale.ROOT,
            "%s %s %s %s %d %dB %dms",
            LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS),
            client,
            Printable.of(exchange.method()),
            Printable.of(target.path()),
            exchange.status(),
            exchange.written(),
            nanos / 1_000_000));
  }

  /// Something that the one who runs the registry should know.
  void trouble(String message) {
    troubles.accept(message);
  }

  /// The same of a failure that no client is told of.
  void trouble(String what, IOException e) {
    trouble(what + ": " + reason(e));
  }

  /// Why something failed, without the file that it is about; printable.
  static String reason(IOException e) {
    var message = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return Printable.of(message == null ? e.getClass().getSimpleName() : message);
  }
}
