package dev.jbuild.console;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/// A view that can be kept from the terminal for a while: who has news meanwhile waits, but the
/// thread that holds it. Safe for use by many threads.
public final class ProgressGate implements Progress {

  private final Progress view;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);

  public ProgressGate(Progress view) {
    this.view = view;
  }

  @Override
  public void on(BuildEvent event) {
    lock.readLock().lock();
    try {
      view.on(event);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void hold() {
    lock.writeLock().lock();
    view.hold();
  }

  @Override
  public void release() {
    view.release();
    lock.writeLock().unlock();
  }

  @Override
  public void close() {
    view.close();
  }
}
