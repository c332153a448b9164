package dev.jbuild.context;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.linux.Workers;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Lists a whole tree on a few threads, once, so that it is remembered when it is asked for.
///
/// It may begin before anybody asks. What it lists until then is a guess that the tree does not
/// know of: it becomes part of the tree when it is asked for soon, and else never.
///
/// A directory that cannot be read is passed over here; whoever really asks for it is told, always
/// of the same one first.
final class ReadAhead {

  /// So many entries are listed by the calling thread alone before others are worth their start.
  private static final int FEW = 500;

  /// At about so many names listing ends as long as nobody asked; it goes on when somebody does.
  static final int MOST_UNASKED = 20_000;

  /// What was listed before anybody asked is good for so long, in nanoseconds from its beginning:
  /// what is listed should be what is read, also while a person saves files.
  static final long GOOD_FOR = 1_000_000_000L;

  private final LocalTree tree;
  private final LongSupplier clock;
  private final long begunAt;
  private final Deque<ArchivePath> waiting = new ArrayDeque<>();

  /// What was listed before anybody asked.
  private final Map<ArchivePath, Listing> guesses = new ConcurrentHashMap<>();

  private @Nullable Thread ahead;
  private int running;
  private boolean hasHelp;
  private boolean isAhead;
  private volatile boolean isAsked;
  private volatile boolean isStopped;

  /// @param clock in nanoseconds
  ReadAhead(LocalTree tree, ArchivePath directory, LongSupplier clock) {
    this.tree = tree;
    this.clock = clock;
    this.begunAt = clock.getAsLong();
    waiting.add(directory);
  }

  /// Lists everything. Who comes while another thread does so helps, and returns when all is
  /// listed.
  void read() {
    beAsked();
    for (int seen = 0; seen < FEW; ) {
      var next = take();
      if (next == null) {
        return;
      }
      seen += list(next, _ -> false);
    }
    Workers.run(helpers(), "names", this::help);
  }

  private void beAsked() {
    synchronized (this) {
      isAsked = true;
    }
    guesses.forEach(tree::adopt);
    guesses.clear(); // and no more are made
  }

  /// Begins with it on a thread of its own, if there may be one more.
  synchronized void begin() {
    ahead = Workers.beside("names-ahead", this::guess);
    isAhead = ahead != null;
  }

  /// Whether it began so lately that what was listed before anybody asked is to be used.
  boolean isFresh() {
    return clock.getAsLong() - begunAt < GOOD_FOR;
  }

  /// What `directory` showed before anybody asked; null if that is not known.
  @Nullable Listing guessed(ArchivePath directory) {
    return guesses.get(directory);
  }

  /// Lets what [#begin] began end soon.
  void end() {
    isStopped = true;
  }

  /// Ends what [#begin] began. Nothing is read any more when this returns.
  void stop() {
    end();
    join();
  }

  /// Waits until the thread that [#begin] began has nothing more to do.
  void join() {
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

  private void help() {
    for (var next = take(); next != null; next = take()) {
      list(next, _ -> false);
    }
  }

  private void guess() {
    for (int seen = 0; mayGoOn(seen); ) {
      var next = take();
      if (next == null) {
        break;
      }
      int before = seen;
      seen += list(next, more -> !mayGoOn(before + more));
    }
    synchronized (this) {
      isAhead = false;
    }
  }

  private boolean mayGoOn(int seen) {
    return !isStopped && (isAsked || seen < MOST_UNASKED);
  }

  /// @param givesUp see [LocalTree#listed]
  private int list(ArchivePath directory, IntPredicate givesUp) {
    int count = 1;
    try {
      var listing = tree.listed(directory, givesUp);
      if (listing == null) {
        putBack(directory);
        return MOST_UNASKED;
      }
      if (!isGuess(directory, listing)) {
        listing = tree.adopt(directory, listing);
      }
      count += listing.entries().size();
      addBelow(listing);
    } catch (IOException | BuildFailure e) {
      // who asks for it is told
    } finally {
      done();
    }
    return count;
  }

  private synchronized boolean isGuess(ArchivePath directory, Listing listing) {
    if (!isAsked) {
      guesses.put(directory, listing);
    }
    return !isAsked;
  }

  private synchronized void putBack(ArchivePath directory) {
    waiting.push(directory);
  }

  private synchronized void addBelow(Listing listing) {
    for (var entry : listing.entries()) {
      if (entry.isDirectory()) {
        waiting.push(entry.path());
      }
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
