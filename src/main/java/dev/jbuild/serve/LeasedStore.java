package dev.jbuild.serve;

import dev.jbuild.serve.RegistryOptions.Place.StoreOpening;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;

/// jbuild's store, open as long as it is served. Safe for use by many threads.
///
/// What went through it in the last hours is protected from `jbuild prune` by its leases, which
/// only grow: from time to time the store is opened anew, and the old opening ends when nothing
/// that it protects can be waited for any more.
final class LeasedStore implements AutoCloseable {

  private final StoreOpening opening;
  private final Duration grace;
  private final ArrayDeque<Handle> retired = new ArrayDeque<>();
  private Handle current;

  /// @param grace for how long at least something is protected
  LeasedStore(StoreOpening opening, Duration grace) throws IOException {
    this.opening = opening;
    this.grace = grace;
    this.current = new Handle(opening.open());
  }

  /// One opening of the store, which ends when nobody uses it any more.
  static final class Handle {

    private final Store store;
    private final long opened = System.nanoTime();
    private int uses = 1;

    private Handle(Store store) {
      this.store = store;
    }

    Store store() {
      return store;
    }

    private synchronized void retain() {
      uses++;
    }

    void release() throws IOException {
      boolean last;
      synchronized (this) {
        last = --uses == 0;
      }
      if (last) {
        store.close();
      }
    }

    private boolean isOlderThan(Duration age) {
      return System.nanoTime() - opened > age.toNanos();
    }
  }

  /// What is done with an open store.
  interface Work<T> {
    T with(Store store) throws IOException;
  }

  /// The newest opening; whoever takes it releases it.
  synchronized Handle use() {
    current.retain();
    return current;
  }

  <T> T in(Work<T> work) throws IOException {
    var handle = use();
    try {
      return work.with(handle.store);
    } finally {
      handle.release();
    }
  }

  /// Opens the store anew if that is due.
  void renew() throws IOException {
    var ended = new ArrayList<Handle>();
    synchronized (this) {
      if (current.isOlderThan(grace)) {
        retired.add(current);
        current = new Handle(opening.open());
      }
      while (!retired.isEmpty() && retired.getFirst().isOlderThan(grace.multipliedBy(3))) {
        ended.add(retired.removeFirst());
      }
    }
    for (var handle : ended) {
      handle.release();
    }
  }

  @Override
  public void close() throws IOException {
    var all = new ArrayList<Handle>();
    synchronized (this) {
      all.addAll(retired);
      retired.clear();
      all.add(current);
    }
    for (var handle : all) {
      handle.release();
    }
  }
}
