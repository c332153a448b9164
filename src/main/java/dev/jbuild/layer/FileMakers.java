package dev.jbuild.layer;

import dev.jbuild.failure.ThrownElsewhere;
import dev.jbuild.linux.Workers;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Makes many files on a few threads, each with a [FileMaker] of its own.
final class FileMakers {

  /// So many files are made by one thread: others are not worth their start.
  private static final int FEW = 200;

  /// So many, one after the other, are taken at a time: most are in one directory.
  private static final int PIECE = 32;

  /// Opens one; closed by who asked.
  @FunctionalInterface
  interface Opener {
    FileMaker open() throws IOException;
  }

  /// Makes one of the files.
  @FunctionalInterface
  interface Work {
    void make(FileMaker maker, int file) throws IOException;
  }

  private final int files;
  private final Opener opener;
  private final Work work;
  private int next;
  private int failedAt = Integer.MAX_VALUE;
  private @Nullable Throwable failure;

  private FileMakers(int files, Opener opener, Work work) {
    this.files = files;
    this.opener = opener;
    this.work = work;
  }

  /// Makes the files 0 to `files` - 1, and waits for all; opens nothing for none. Of several
  /// failures that of the first of them is thrown; others are not begun after one.
  static void make(int files, Opener opener, Work work) throws IOException {
    if (files > 0) {
      new FileMakers(files, opener, work).run();
    }
  }

  private void run() throws IOException {
    Workers.run(files <= FEW ? 0 : Workers.count() - 1, "files", this::work);
    ThrownElsewhere.rethrow(failed());
  }

  private synchronized @Nullable Throwable failed() {
    return failure;
  }

  private void work() {
    int at = 0;
    try (var maker = opener.open()) {
      for (at = take(); at < files; at = take()) {
        for (int end = Math.min(files, at + PIECE); at < end; at++) {
          work.make(maker, at);
        }
      }
    } catch (Throwable e) { // whatever it is, who waits gets it
      fail(at, e);
    }
  }

  private synchronized int take() {
    int taken = next;
    next = Math.min(files, next + PIECE);
    return taken;
  }

  private synchronized void fail(int at, Throwable why) {
    next = files;
    if (at < failedAt) {
      failedAt = at;
      failure = why;
    }
  }
}
