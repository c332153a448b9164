package dev.jbuild.context;

import dev.jbuild.failure.ThrownElsewhere;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Workers;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Content digests of the host's files, each computed once; many of them on a few threads.
final class FileHashes {

  private static final int BUFFER = 128 << 10;

  /// Work that is done before another thread is started: bytes, a file counting as some thousands.
  private static final long LITTLE = 4L << 20;

  private static final int COST_OF_A_FILE = 8192;

  private final HostFiles files;
  private final LookedAt looked;
  private volatile boolean learned;

  /// @param looked is told of each file that is read
  FileHashes(HostFiles files, LookedAt looked) {
    this.files = files;
    this.looked = looked;
  }

  /// Whether a digest was computed that was not known.
  boolean hasLearned() {
    return learned;
  }

  /// SHA-256 of each file, in their order.
  List<byte[]> of(List<SourceEntry> wanted) throws IOException {
    var cold = new ArrayList<SourceEntry>();
    var hashes = known(wanted, cold);
    if (cold.isEmpty()) {
      return hashes;
    }
    learned = true;
    compute(cold);
    cold.clear();
    var all = known(wanted, cold);
    if (!cold.isEmpty()) {
      throw new IllegalStateException("no digest of " + cold.getFirst().path().printable());
    }
    return all;
  }

  /// @param cold is given those that are not known
  private static List<byte[]> known(List<SourceEntry> wanted, List<SourceEntry> cold) {
    var hashes = new ArrayList<byte[]>(wanted.size());
    for (var file : wanted) {
      add(file, hashes, cold);
    }
    return hashes;
  }

  private static void add(SourceEntry file, List<byte[]> hashes, List<SourceEntry> cold) {
    var hash = local(file).hash();
    if (hash == null) {
      cold.add(file);
    } else {
      hashes.add(hash);
    }
  }

  private static LocalFile local(SourceEntry file) {
    if (!file.isFile()) {
      throw new IllegalArgumentException(file.path().printable() + " is no file");
    }
    return (LocalFile) file.origin();
  }

  private void compute(List<SourceEntry> cold) throws IOException {
    long cost = 0;
    long largest = 1;
    for (var file : cold) {
      cost += file.size() + COST_OF_A_FILE;
      largest = Math.max(largest, file.size());
    }
    int threads = (int) Math.min(Workers.count(), Math.min(cold.size(), 1 + cost / LITTLE));
    new Batch(cold, (int) Math.min(largest, BUFFER)).run(threads);
  }

  /// Files hashed side by side. They are begun in their order, so the first of those that fail is
  /// the same on any number of threads.
  private final class Batch {
    private final List<SourceEntry> cold;
    private final int bufferSize;
    private final AtomicInteger next = new AtomicInteger();
    private int failedAt = Integer.MAX_VALUE;
    private @Nullable Exception failure;

    Batch(List<SourceEntry> cold, int bufferSize) {
      this.cold = cold;
      this.bufferSize = bufferSize;
    }

    void run(int threads) throws IOException {
      Workers.run(threads - 1, "hashes", this::work);
      synchronized (this) {
        ThrownElsewhere.rethrow(failure);
      }
    }

    private void work() {
      var sha256 = Digest.sha256();
      var buffer = new byte[bufferSize];
      for (int i = next.getAndIncrement(); i < cold.size(); i = next.getAndIncrement()) {
        try {
          hash(cold.get(i), sha256, buffer);
        } catch (IOException | RuntimeException e) {
          failed(i, e);
          return;
        }
      }
    }

    private synchronized void failed(int at, Exception why) {
      next.set(cold.size());
      if (at < failedAt) {
        failedAt = at;
        failure = why;
      }
    }
  }

  /// Hashes one file, and fails if it is another one, or has changed, by the end.
  private void hash(SourceEntry file, MessageDigest sha256, byte[] buffer) throws IOException {
    sha256.reset();
    try (var open = files.openFile(file)) {
      long left = file.size();
      while (left > 0) {
        int read = open.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read <= 0) {
          throw HostFiles.changed(file.path());
        }
        sha256.update(buffer, 0, read);
        left -= read;
      }
      HostFiles.check(file, open);
    }
    local(file).setHash(sha256.digest());
    looked.read();
  }
}
