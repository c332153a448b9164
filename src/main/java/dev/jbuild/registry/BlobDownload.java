package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.http.PassingException;
import dev.jbuild.http.WebAnswer;
import dev.jbuild.image.Descriptor;
import dev.jbuild.store.BlobWriter;
import dev.jbuild.store.Store;
import dev.jbuild.store.WrongContentException;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The way of one blob from a registry into the store: hashed while it arrives, continued after a
/// cut, never longer than it should be. For one thread.
final class BlobDownload implements AutoCloseable {

  private static final long STEP = 256 << 10;
  private static final int MOST_ATTEMPTS = 50;

  private final Store store;
  private final Repository repository;
  private final Descriptor wanted;
  private final TransferEvent.Transfer transfer;
  private final Transfers listener;
  private final BooleanSupplier stopped;
  private final byte[] buffer = new byte[64 << 10];
  private @Nullable BlobWriter writer;
  private Optional<String> etag = Optional.empty();
  private long told;

  /// @param stopped whether nobody wants the blob any more
  BlobDownload(
      Store store,
      Repository repository,
      Descriptor wanted,
      TransferEvent.Transfer transfer,
      Transfers listener,
      BooleanSupplier stopped) {
    this.store = store;
    this.repository = repository;
    this.wanted = wanted;
    this.transfer = transfer;
    this.listener = listener;
    this.stopped = stopped;
  }

  /// Brings the blob into the store.
  ///
  /// @throws BuildFailure REGISTRY if the registry does not give these very bytes
  void run() throws IOException, InterruptedException {
    int failures = 0;
    for (int attempts = 1; ; attempts++) {
      long before = position();
      try {
        fetch();
        commit();
        return;
      } catch (PassingException e) {
        failures = position() > before ? 0 : failures + 1;
        if (failures == dev.jbuild.http.Retry.mostAttempts() || attempts == MOST_ATTEMPTS) {
          throw Failures.of(
              repository
                  + ": "
                  + transfer
                  + " breaks off after "
                  + position()
                  + " of "
                  + wanted.size()
                  + " bytes: "
                  + e.getMessage(),
              e);
        }
        repository.host().retry().pause(failures, e);
      }
    }
  }

  private long position() {
    return writer == null ? 0 : writer.position();
  }

  private void fetch() throws IOException, InterruptedException {
    if (position() == wanted.size() && writer != null) {
      return;
    }
    try (var answer = repository.blob(wanted, position())) {
      if (!continues(answer)) {
        restart();
        if (answer.status() != 200) {
          throw new PassingException("the registry does not continue", Optional.empty());
        }
      }
      etag = answer.header("ETag");
      copy(answer);
    }
    if (position() < wanted.size()) {
      throw new PassingException("the body ends too early", Optional.empty());
    }
  }

  /// Whether the body begins where the last one broke off. A server that does not know ranges
  /// begins anew, and one whose content changed must not be appended to (reliability case 56).
  private boolean continues(WebAnswer answer) {
    if (position() == 0) {
      return answer.status() == 200;
    }
    var range = answer.header("Content-Range").orElse("");
    return answer.status() == 206
        && range.startsWith("bytes " + position() + "-")
        && (etag.isEmpty()
            || answer.header("ETag").isEmpty()
            || etag.equals(answer.header("ETag")));
  }

  private void restart() throws IOException {
    if (writer != null) {
      writer.close();
    }
    writer = null;
    told = 0;
  }

  private BlobWriter writer() throws IOException {
    var open = writer;
    if (open == null) {
      open = store.blobs().create().hashingHere();
      writer = open;
    }
    return open;
  }

  private void copy(WebAnswer answer) throws IOException, InterruptedException {
    var out = writer();
    for (var pieces = answer.next(); pieces != null; pieces = answer.next()) {
      if (stopped.getAsBoolean()) {
        throw new InterruptedException("another blob failed");
      }
      for (var piece : pieces) {
        if (out.position() + piece.remaining() > wanted.size()) {
          throw wrong("the registry gives more than " + wanted.size() + " bytes");
        }
        while (piece.hasRemaining()) {
          int n = Math.min(piece.remaining(), buffer.length);
          piece.get(buffer, 0, n);
          out.write(buffer, 0, n);
        }
      }
      tell();
    }
  }

  private void tell() {
    if (position() - told >= STEP) {
      told = position();
      listener.on(new TransferEvent.Moved(transfer, told));
    }
  }

  private void commit() throws IOException {
    try {
      writer().commit(wanted);
    } catch (WrongContentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private BuildFailure wrong(String why) {
    return Failures.of(repository + ": " + wanted.digest() + " is not what it should be: " + why)
        .hint(
            "something between here and the registry changes content, or the registry is damaged");
  }

  @Override
  public void close() throws IOException {
    restart();
  }
}
