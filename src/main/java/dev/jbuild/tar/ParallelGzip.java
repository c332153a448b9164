package dev.jbuild.tar;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/// Writes gzip with several threads, and the same bytes with any number of them.
///
/// The input is cut into blocks of 512 KiB; each is deflated by itself, with the 32 KiB before it
/// as its dictionary, and ends on a byte (`SYNC_FLUSH`), so that the pieces put together are one
/// deflate stream of one member. A block that would not shrink, as two samples of it show, is
/// stored as it is: deflate is slow where it has nothing to gain. At most two blocks a thread are
/// under way. A failure of a worker or of `out` comes out of the next write, or of [#close].
final class ParallelGzip extends OutputStream {

  private static final int BLOCK = 512 << 10;
  private static final int DICTIONARY = 32 << 10;

  /// Level 6 makes layers smaller by 3 to 6 per cent and takes twice the time.
  static final int USUAL_LEVEL = 4;

  private static final int SAMPLE = 16 << 10;
  private static final int SAMPLE_LEVEL = 1;

  /// More than deflate ever makes of a block. It must never be filled: what a flush that did not
  /// fit appends would then depend on the room there was.
  private static final int OUTPUT = BLOCK + BLOCK / 64;

  /// Deflate, no flags, no time, no extra flags, an unknown operating system (RFC 1952).
  private static final byte[] HEADER = {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, (byte) 0xFF};

  private final OutputStream out;
  private final int level;
  private final @Nullable ExecutorService workers;
  private final int mostUnderWay;
  private final ArrayDeque<FutureTask<Block>> underWay = new ArrayDeque<>();
  private final ConcurrentLinkedQueue<Deflaters> deflaters = new ConcurrentLinkedQueue<>();
  private final ArrayDeque<Block> idle = new ArrayDeque<>();
  private final CRC32 crc = new CRC32();
  private long size;
  private Block block = new Block();
  private boolean begun;
  private boolean closed;

  /// @param level from 0, which only stores, to 9
  ParallelGzip(OutputStream out, int level, int threads) {
    this.out = out;
    this.level = level;
    this.mostUnderWay = threads == 1 ? 0 : 2 * threads;
    this.workers =
        threads == 1
            ? null
            : Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("gzip-", 0).factory());
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (closed) {
      throw new IOException("the gzip stream is closed");
    }
    crc.update(bytes, offset, length);
    size += length;
    for (int done = 0; done < length; ) {
      if (block.length == BLOCK) {
        submit(false);
      }
      int n = Math.min(length - done, BLOCK - block.length);
      System.arraycopy(bytes, offset + done, block.input, DICTIONARY + block.length, n);
      block.length += n;
      done += n;
    }
  }

  /// Hands the block to a worker and begins the next one.
  private void submit(boolean last) throws IOException {
    var full = block;
    full.last = last;
    var task = new FutureTask<>(() -> deflate(full));
    underWay.add(task);
    if (workers == null) {
      task.run();
    } else {
      workers.execute(task);
    }
    while (underWay.size() > (last ? 0 : mostUnderWay)) {
      writeOldest();
    }
    if (!last) {
      block = idle.isEmpty() ? new Block() : idle.remove();
      block.follow(full);
    }
  }

  private void writeOldest() throws IOException {
    var done = finished(underWay.remove());
    if (!begun) {
      out.write(HEADER);
      begun = true;
    }
    out.write(done.output, 0, done.outputLength);
    idle.add(done);
  }

  private static Block finished(FutureTask<Block> task) throws IOException {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var interrupted = new InterruptedIOException("interrupted while compressing");
      interrupted.initCause(e);
      throw interrupted;
    } catch (ExecutionException e) {
      throw new IOException("compressing failed: " + e.getCause(), e.getCause());
    }
  }

  private Block deflate(Block work) {
    var known = deflaters.poll();
    var mine = known != null ? known : new Deflaters(level);
    work.deflateWith(work.shrinks(mine.tasting) ? mine.usual : mine.storing);
    deflaters.add(mine);
    return work;
  }

  /// What one worker has: to deflate, to store, and to see which of them is worth it.
  private static final class Deflaters {
    private final Deflater usual;
    private final Deflater storing = new Deflater(Deflater.NO_COMPRESSION, true);
    private final Deflater tasting = new Deflater(SAMPLE_LEVEL, true);

    Deflaters(int level) {
      usual = new Deflater(level, true);
    }

    void end() {
      usual.end();
      storing.end();
      tasting.end();
    }
  }

  /// Ends the gzip stream; `out` is flushed and stays open.
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      submit(true);
      writeTrailer();
      out.flush();
    } finally {
      if (workers != null) {
        workers.close();
      }
      deflaters.forEach(Deflaters::end);
    }
  }

  private void writeTrailer() throws IOException {
    var trailer = new byte[8];
    for (int i = 0; i < 4; i++) {
      trailer[i] = (byte) (crc.getValue() >> (8 * i));
      trailer[4 + i] = (byte) (size >> (8 * i));
    }
    out.write(trailer);
  }

  /// One block: the dictionary and what is to be compressed, and what became of it.
  private static final class Block {

    private final byte[] input = new byte[DICTIONARY + BLOCK];
    private final byte[] output = new byte[OUTPUT];
    private int length;
    private int outputLength;
    private boolean hasDictionary;
    private boolean last;

    /// Makes this the block behind `before`, which is full.
    void follow(Block before) {
      System.arraycopy(before.input, BLOCK, input, 0, DICTIONARY);
      length = 0;
      hasDictionary = true;
    }

    /// Whether the bytes at the beginning or in the middle become fewer by a fiftieth at least.
    boolean shrinks(Deflater tasting) {
      return length <= 4 * SAMPLE
          || shrinks(tasting, hasDictionary ? 0 : DICTIONARY, DICTIONARY)
          || shrinks(tasting, length / 2, DICTIONARY + length / 2);
    }

    /// @param dictionary where the bytes begin that come before those at `from`
    private boolean shrinks(Deflater tasting, int dictionary, int from) {
      tasting.reset();
      if (dictionary < from) {
        tasting.setDictionary(input, dictionary, from - dictionary);
      }
      tasting.setInput(input, from, SAMPLE);
      tasting.finish();
      int most = SAMPLE - SAMPLE / 50;
      return tasting.deflate(output, 0, most) < most;
    }

    void deflateWith(Deflater deflater) {
      deflater.reset();
      if (hasDictionary) {
        deflater.setDictionary(input, 0, DICTIONARY);
      }
      deflater.setInput(input, DICTIONARY, length);
      if (last) {
        deflater.finish();
      }
      int mode = last ? Deflater.NO_FLUSH : Deflater.SYNC_FLUSH;
      outputLength = deflater.deflate(output, 0, OUTPUT, mode);
      if (outputLength == OUTPUT || !deflater.needsInput() || last != deflater.finished()) {
        throw new IllegalStateException("deflate made more of a block than it can");
      }
    }
  }
}
