package dev.jbuild.context;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Lists a whole tree on a few threads, so that it is remembered when it is asked for.
///
/// A directory that cannot be read is passed over here; whoever really asks for it is told, always
/// of the same one first.
final class ReadAhead {

  /// So many entries are listed by the calling thread alone before others are worth their start.
  private static final int FEW = 500;

  private final LocalTree tree;
  private final Deque<ArchivePath> waiting = new ArrayDeque<>();
  private int running;

  ReadAhead(LocalTree tree) {
    this.tree = tree;
  }

  void read(ArchivePath directory) {
    waiting.add(directory);
    int seen = 0;
    while (seen < FEW && !waiting.isEmpty()) {
      seen += list(waiting.pop());
    }
    if (!waiting.isEmpty()) {
      Workers.run(Workers.count() - 1, this::work);
    }
  }

  private void work() {
    for (var next = take(); next != null; next = take()) {
      try {
        list(next);
      } finally {
        done();
      }
    }
  }

  private int list(ArchivePath directory) {
    try {
      var entries = tree.scan(directory).entries();
      synchronized (this) {
        for (var entry : entries) {
          if (entry.isDirectory()) {
            waiting.push(entry.path());
          }
        }
        notifyAll();
      }
      return 1 + entries.size();
    } catch (IOException | BuildFailure e) {
      return 1;
    }
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
