package dev.jbuild.build;

import dev.jbuild.http.FetchRequest;
import dev.jbuild.http.Fetcher;
import dev.jbuild.http.Sink;
import dev.jbuild.http.WebAddress;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Imports a root file system from a web server while it arrives; it is never a file of its own.
///
/// Another attempt of the fetcher is another import: what the one before had made is dropped.
public final class WebImport implements AutoCloseable {

  /// A longer one is refused: a body may have no end.
  private static final long LONGEST = 1L << 40;

  private final Importer importer;
  private final Fetcher fetcher;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();

  public WebImport(Importer importer, Fetcher fetcher) {
    this.importer = importer;
    this.fetcher = fetcher;
  }

  /// @throws dev.jbuild.failure.BuildFailure CONTEXT if the server gives no whole tar
  public Importer.Result run(URI address, ImportRequest request)
      throws IOException, InterruptedException {
    var body = new Body(WebAddress.redacted(address), request);
    try {
      fetcher.get(FetchRequest.of(address, LONGEST), body);
      body.end();
    } catch (IOException e) {
      body.explain(e);
    } finally {
      body.breakOff();
    }
    return body.result();
  }

  /// Carries what arrives to an import that runs beside it.
  private final class Body implements Sink {
    private final String shown;
    private final ImportRequest request;
    private Pipe.@Nullable SinkChannel pipe;
    private @Nullable Future<Importer.Result> work;
    private @Nullable Arriving arriving;

    Body(String shown, ImportRequest request) {
      this.shown = shown;
      this.request = request;
    }

    @Override
    public void begin() throws IOException {
      breakOff();
      var opened = Pipe.open();
      var stream = new Arriving(Channels.newInputStream(opened.source()));
      pipe = opened.sink();
      arriving = stream;
      work =
          thread.submit(
              () -> {
                try (stream) {
                  return importer.tar(shown, stream, request);
                }
              });
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      var into = pipe;
      while (into != null && bytes.hasRemaining()) {
        into.write(bytes);
      }
    }

    /// The whole body has arrived.
    void end() throws IOException {
      var into = pipe;
      if (into != null) {
        into.close();
      }
    }

    /// Ends an import whose body did not come to its end.
    void breakOff() throws IOException {
      var into = pipe;
      var from = arriving;
      if (into != null && from != null && into.isOpen()) {
        from.isBroken = true;
        into.close();
      }
    }

    /// The import reads no more if it failed, and then its failure is the reason.
    void explain(IOException e) throws IOException, InterruptedException {
      var running = work;
      if (running != null) {
        await(running);
      }
      throw e;
    }

    Importer.Result result() throws IOException, InterruptedException {
      var running = work;
      if (running == null) {
        throw new IllegalStateException("an answer without a body"); // no conditions were sent
      }
      return await(running);
    }
  }

  private static Importer.Result await(Future<Importer.Result> work)
      throws IOException, InterruptedException {
    try {
      return work.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /// What arrives. An end that is none is a failure.
  private static final class Arriving extends FilterInputStream {
    volatile boolean isBroken;

    Arriving(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      return checked(super.read());
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return checked(super.read(into, offset, length));
    }

    private int checked(int read) throws IOException {
      if (read < 0 && isBroken) {
        throw new IOException("the body broke off");
      }
      return read;
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
