package dev.jbuild.http;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The body of an answer, taken piece by piece by one thread that never waits for longer than it
/// wants to. (The JDK's own time limit ends when the headers are there.)
public final class Body implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {

  /// It may come no slower than so many bytes a second, over the time of patience.
  private static final int SLOWEST = 512;

  private sealed interface Event {
    record Bytes(List<ByteBuffer> pieces) implements Event {}

    record End() implements Event {}

    record Failure(Throwable cause) implements Event {}
  }

  /// Holds one piece and the end at most, since one piece at a time is asked for.
  private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();

  private final Duration patience;

  /// What came, and for how long it was waited for; both begin anew when enough has come.
  private long came;

  private long waited;
  private Flow.@Nullable Subscription subscription;

  /// @param patience how long nothing, or very little, may come
  public Body(Flow.Publisher<List<ByteBuffer>> publisher, Duration patience) {
    this.patience = patience;
    publisher.subscribe(this);
  }

  /// The next pieces; null at the end.
  ///
  /// @throws SocketTimeoutException if nothing came for too long, or a byte now and then
  @Nullable List<ByteBuffer> next() throws IOException, InterruptedException {
    subscription().request(1);
    long since = System.nanoTime();
    var event = events.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    return switch (event) {
      case null ->
          throw new SocketTimeoutException("nothing came for " + patience.toSeconds() + " s");
      case Event.Bytes(var pieces) -> {
        pace(pieces, System.nanoTime() - since);
        yield pieces;
      }
      case Event.End() -> null;
      case Event.Failure(var cause) -> throw new IOException(cause);
    };
  }

  private void pace(List<ByteBuffer> pieces, long nanos) throws SocketTimeoutException {
    came += pieces.stream().mapToInt(ByteBuffer::remaining).sum();
    waited += nanos;
    if (came * 1000 >= patience.toMillis() * SLOWEST) {
      came = 0;
      waited = 0;
    } else if (waited > patience.toNanos()) {
      throw new SocketTimeoutException(
          "only " + came + " bytes came in " + patience.toSeconds() + " s");
    }
  }

  private synchronized Flow.Subscription subscription() throws InterruptedException {
    while (subscription == null) {
      wait();
    }
    return subscription;
  }

  @Override
  public synchronized void onSubscribe(Flow.Subscription given) {
    subscription = given;
    notifyAll();
  }

  @Override
  public void onNext(List<ByteBuffer> pieces) {
    events.add(new Event.Bytes(pieces));
  }

  @Override
  public void onError(Throwable cause) {
    events.add(new Event.Failure(cause));
  }

  @Override
  public void onComplete() {
    events.add(new Event.End());
  }

  /// Wants no more; a connection that still has bytes under way is dropped.
  @Override
  public synchronized void close() {
    if (subscription != null) {
      subscription.cancel();
    }
  }
}
