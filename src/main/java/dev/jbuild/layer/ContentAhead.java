package dev.jbuild.layer;

import dev.jbuild.failure.ThrownElsewhere;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Workers;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// The parts of a layer in their order, each with its content, found and read on a thread of
/// their own while those before them are written.
///
/// What was met there is thrown by [#next] behind the parts that stand before it. A part and its
/// content are good until the next is asked for. For one thread; closing waits for the other one.
final class ContentAhead implements AutoCloseable {

  /// So few parts are read where they are written.
  private static final int FEW = 64;

  /// The largest content that is read ahead as a whole; a larger one is only opened there, and read
  /// by who writes.
  static final int SMALL = 128 << 10;

  /// So much is handed over at a time.
  private static final int BATCH = 256 << 10;

  private static final int MOST_IN_BATCH = 256;
  private static final int BATCHES = 8;
  private static final boolean HAS_CORES = Runtime.getRuntime().availableProcessors() > 1;

  /// One thing that a layer holds.
  ///
  /// @param path in the tar
  /// @param entry null for a whiteout
  /// @param digest of the content, if it is known
  record Part(
      ArchivePath path, @Nullable TarEntry entry, Content content, @Nullable Digest digest) {}

  /// Where the parts come from.
  @FunctionalInterface
  interface Source {
    /// The next part; null at the end.
    @Nullable Part next() throws IOException;
  }

  /// Parts, and the content of those that are small.
  private static final class Batch {
    private final List<Part> parts = new ArrayList<>();

    /// Streams that nobody has closed if a part was not asked for.
    private final List<InputStream> open = new ArrayList<>();

    /// There from the first content on: a layer may hold nothing but directories and links.
    private byte[] bytes = {};

    private int used;
    private boolean isLast;
    private @Nullable Throwable failure;

    void clear() {
      parts.clear();
      open.clear();
      used = 0;
    }
  }

  private final Source source;
  private final BlockingQueue<Batch> free = new ArrayBlockingQueue<>(BATCHES);
  private final BlockingQueue<Batch> full = new ArrayBlockingQueue<>(BATCHES);
  private final @Nullable Thread thread;
  private volatile boolean isClosed;
  private @Nullable Batch current;
  private int next;

  /// @param source asked by the other thread
  /// @param parts about how many there will be
  ContentAhead(Source source, int parts) {
    this.source = source;
    if (parts < FEW || !HAS_CORES) {
      this.thread = null;
      return;
    }
    for (int i = 0; i < BATCHES; i++) {
      free.add(new Batch());
    }
    this.thread = Thread.ofPlatform().daemon().name("content").start(this::work);
  }

  /// The next part; null at the end.
  @Nullable Part next() throws IOException {
    if (thread == null) {
      return source.next();
    }
    while (true) {
      var batch = current;
      if (batch != null) {
        if (next < batch.parts.size()) {
          return batch.parts.get(next++);
        }
        ThrownElsewhere.rethrow(batch.failure);
        if (batch.isLast) {
          return null;
        }
        batch.clear();
        free.add(batch);
      }
      current = take(full);
      next = 0;
    }
  }

  private void work() {
    boolean isLast = false;
    while (!isLast) {
      var batch = take(free);
      if (isClosed) {
        return;
      }
      try {
        fill(batch);
      } catch (Throwable e) { // whatever it is, who writes gets it
        batch.failure = e;
        batch.isLast = true;
      }
      isLast = batch.isLast;
      full.add(batch);
    }
  }

  private void fill(Batch batch) throws IOException {
    boolean isFull = false;
    while (!isFull) {
      var part = source.next();
      if (part == null) {
        batch.isLast = true;
        return;
      }
      long size = part.entry == null ? 0 : part.entry.size();
      if (size == 0) {
        batch.parts.add(part);
      } else if (size <= SMALL) {
        batch.parts.add(with(part, read(batch, part.content, (int) size)));
      } else {
        var opened = part.content.open();
        batch.open.add(opened);
        batch.parts.add(with(part, () -> opened));
        isFull = true; // so that few are open
      }
      isFull |= batch.used >= BATCH || batch.parts.size() >= MOST_IN_BATCH;
    }
  }

  private static Part with(Part part, Content content) {
    return new Part(part.path, part.entry, content, part.digest);
  }

  /// One byte too many is read, too, if there is one: who writes looks whether the size is right.
  private static Content read(Batch batch, Content content, int size) throws IOException {
    if (batch.bytes.length == 0) {
      batch.bytes = new byte[BATCH + SMALL + 1];
    }
    var bytes = batch.bytes;
    int start = batch.used;
    try (var in = content.open()) {
      batch.used += in.readNBytes(bytes, start, size + 1);
    }
    int length = batch.used - start;
    return () -> new ByteArrayInputStream(bytes, start, length);
  }

  /// Neither reading nor writing can be interrupted, and neither can this.
  private static Batch take(BlockingQueue<Batch> queue) {
    boolean isInterrupted = false;
    try {
      while (true) {
        try {
          return queue.take();
        } catch (InterruptedException e) {
          isInterrupted = true;
        }
      }
    } finally {
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (thread == null) {
      return;
    }
    isClosed = true;
    if (free.isEmpty()) {
      free.offer(new Batch()); // it may wait for one
    }
    Workers.join(thread);
    var left = new ArrayList<>(full);
    if (current != null) {
      left.add(current);
    }
    for (var batch : left) {
      for (var stream : batch.open) {
        stream.close();
      }
    }
  }
}
