package dev.jbuild.context;

import java.util.concurrent.atomic.AtomicLong;

/// How many files of a tree were looked at so far, for whoever watches. Safe for use by many
/// threads.
final class LookedAt {

  /// A person who waits is told of as many more.
  private static final int STEP = 1000;

  private final AtomicLong listed = new AtomicLong();
  private final AtomicLong read = new AtomicLong();
  private final Object telling = new Object();
  private SourceTree.Watcher watcher = SourceTree.Watcher.NOBODY;

  /// Whoever watched before is told nothing any more when this returns.
  void watch(SourceTree.Watcher told) {
    synchronized (telling) {
      watcher = told;
    }
  }

  void list(int files) {
    tell(listed.addAndGet(files), files);
  }

  void read() {
    tell(read.incrementAndGet(), 1);
  }

  private void tell(long now, int more) {
    if (now / STEP != (now - more) / STEP) {
      synchronized (telling) {
        watcher.looked(listed.get(), read.get());
      }
    }
  }
}
