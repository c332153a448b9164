package dev.jbuild.context;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.linux.Workers;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Lists a whole tree on a few threads, once, so that it is remembered when it is asked for.
///
/// A directory that cannot be read is passed over here; whoever really asks for it is told, always
/// of the same one first.
final class ReadAhead {

  /// So many entries are listed by the calling thread alone before others are worth their start.
  private static final int FEW = 500;

  /// So many entries are listed before it is certain that anybody asks for them.
  private static final int MOST_UNASKED = 20_000;

  private final LocalTree tree;
  private final Deque<ArchivePath> waiting = new ArrayDeque<>();
  private final Runnable help = this::work;
  private @Nullable Thread ahead;
  private int running;
  private boolean hasHelp;
  private boolean isAhead;
  private volatile boolean isAsked;
  private volatile boolean isStopped;

  ReadAhead(LocalTree tree, ArchivePath directory) {
    this.tree = tree;
    waiting.add(directory);
  }

  /// Lists everything. Who comes while another thread does so helps, and returns when all is
  /// listed.
  void read() {
    isAsked = true;
    for (int seen = 0; seen < FEW; ) {
      var next = take();
      if (next == null) {
        return;
      }
      seen += list(next);
    }
    Workers.run(helpers(), "names", help);
  }

  /// Begins with it on a thread of its own.
  synchronized void begin() {
    if (ahead == null && !hasHelp) {
      ahead = Workers.beside("names-ahead", help);
      isAhead = ahead != null;
    }
  }

  /// Ends what [#begin] began. Nothing is read any more when this returns.
  void stop() {
    isStopped = true;
    Thread begun;
    synchronized (this) {
      begun = ahead;
    }
    if (begun != null) {
      Workers.join(begun);
    }
  }

  private synchronized int helpers() {
    if (hasHelp || waiting.isEmpty()) {
      return 0;
    }
    hasHelp = true;
    return Math.max(0, Workers.count() - (isAhead ? 2 : 1));
  }

  private void work() {
    for (int seen = 0; !isStopped && (isAsked || seen < MOST_UNASKED); ) {
      var next = take();
      if (next == null) {
        break;
      }
      seen += list(next);
    }
    synchronized (this) {
      isAhead &= Thread.currentThread() != ahead;
    }
  }

  private int list(ArchivePath directory) {
    int count = 1;
    try {
      var entries = tree.scan(directory).entries();
      count += entries.size();
      synchronized (this) {
        for (var entry : entries) {
          if (entry.isDirectory()) {
            waiting.push(entry.path());
          }
        }
      }
    } catch (IOException | BuildFailure e) {
      // who asks for it is told
    } finally {
      done();
    }
    return count;
  }

  /// The next directory; null when none is waiting and none can come.
  private synchronized @Nullable ArchivePath take() {
    while (waiting.isEmpty() && running > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
    if (waiting.isEmpty()) {
      return null;
    }
    running++;
    return waiting.pop();
  }

  private synchronized void done() {
    running--;
    notifyAll();
  }
}
