package dev.jbuild.tar;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.OptionalInt;
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
/// as its dictionary, and ends on a byte, so that the pieces put together are one deflate stream of
/// one member. At most two blocks a thread are under way. A failure of a worker or of `out` comes
/// out of the next write, or of [#close].
final class ParallelGzip extends OutputStream {

  private static final int BLOCK = 512 << 10;
  private static final int DICTIONARY = 32 << 10;

  /// More than deflate ever makes of a block. It must never be filled: what a flush that did not
  /// fit appends would then depend on the room there was.
  private static final int OUTPUT = BLOCK + BLOCK / 64;

  /// Deflate, no flags, no time, no extra flags, an unknown operating system (RFC 1952).
  private static final byte[] HEADER = {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, (byte) 0xFF};

  /// The last block of deflate, which holds nothing.
  private static final byte[] END = {3, 0};

  private final OutputStream out;
  private final OptionalInt level;
  private final @Nullable ExecutorService workers;
  private final int mostUnderWay;
  private final ArrayDeque<FutureTask<Block>> underWay = new ArrayDeque<>();
  private final ConcurrentLinkedQueue<Engine> engines = new ConcurrentLinkedQueue<>();
  private final ArrayDeque<Block> idle = new ArrayDeque<>();
  private final CRC32 crc = new CRC32();
  private long size;
  private Block block = new Block();
  private boolean begun;
  private boolean closed;

  /// @param level of zlib, from 0, which only stores, to 9; if none is given, [Deflate] does it
  ParallelGzip(OutputStream out, OptionalInt level, int threads) {
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
    var known = engines.poll();
    var engine = known != null ? known : engine();
    work.outputLength = engine.deflate(work);
    engines.add(engine);
    return work;
  }

  private Engine engine() {
    return level.isPresent() ? new Zlib(level.getAsInt()) : new Own();
  }

  /// What deflates blocks, one at a time. The bytes end on a byte and leave the stream open.
  private sealed interface Engine {
    int deflate(Block block);

    default void end() {}
  }

  private static final class Own implements Engine {
    private final Deflate deflate = new Deflate();

    @Override
    public int deflate(Block block) {
      int dictionary = block.hasDictionary ? 0 : DICTIONARY;
      return deflate.piece(
          block.input, dictionary, DICTIONARY, DICTIONARY + block.length, block.output);
    }
  }

  private static final class Zlib implements Engine {
    private final Deflater deflater;

    Zlib(int level) {
      deflater = new Deflater(level, true);
    }

    @Override
    public int deflate(Block block) {
      deflater.reset();
      if (block.hasDictionary) {
        deflater.setDictionary(block.input, 0, DICTIONARY);
      }
      deflater.setInput(block.input, DICTIONARY, block.length);
      int made = deflater.deflate(block.output, 0, OUTPUT, Deflater.SYNC_FLUSH);
      if (made == OUTPUT || !deflater.needsInput()) {
        throw new IllegalStateException("deflate made more of a block than it can");
      }
      return made;
    }

    @Override
    public void end() {
      deflater.end();
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
      engines.forEach(Engine::end);
    }
  }

  private void writeTrailer() throws IOException {
    var trailer = new byte[8];
    out.write(END);
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

    /// Makes this the block behind `before`, which is full.
    void follow(Block before) {
      System.arraycopy(before.input, BLOCK, input, 0, DICTIONARY);
      length = 0;
      hasDictionary = true;
    }
  }
}
