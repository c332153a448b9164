package dev.jbuild.layer;

import dev.jbuild.failure.ThrownElsewhere;
import dev.jbuild.image.ChainId;
import dev.jbuild.image.Digest;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Workers;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Makes the directories that an overlay stacks into a root file system: one for each layer, as the
/// layer looks at its place above the others. Safe for use by many threads.
///
/// A tree belongs to a place (a chain ID), not to a layer: a directory that the layer does not name
/// has in its tree the mode, owner and times that it has below, a link to a name below becomes a
/// copy, a path through a link lies where the link leads. Unpacked alone, a layer that holds only
/// `tmp/f` would turn /tmp from 1777 to 0755.
public final class TreeUnpacker {

  /// So many layers of an image are unpacked at the same time: some inflate while others write.
  private static final int MOST_AT_ONCE = 4;

  /// Each worker has a view of its own, of some 150 bytes an entry. A layer that has more entries
  /// than this below and in it waits until there is one worker.
  private static final long MOST_IN_VIEW = 200_000;

  private final Store store;
  private final LayerReader layers;
  private final long mostInView;
  private final OverlayMarks marks = new OverlayMarks();

  /// The places that are being unpacked for.
  private final Map<Digest, CountDownLatch> busy = new ConcurrentHashMap<>();

  public TreeUnpacker(Store store, LayerReader layers) {
    this(store, layers, MOST_IN_VIEW);
  }

  TreeUnpacker(Store store, LayerReader layers, long mostInView) {
    this.store = store;
    this.layers = layers;
    this.mostInView = mostInView;
  }

  /// The trees of an image's layers, the lowest first; those that are missing are made, several at
  /// once, while layers that are elsewhere still come.
  public List<Path> trees(List<Digest> diffIds) throws IOException {
    layers.verify(diffIds);
    var chains = chains(diffIds);
    while (true) {
      var missing = missing(chains);
      if (missing.isEmpty()) {
        return found(chains);
      }
      unpack(diffIds, chains, missing);
    }
  }

  private static List<Digest> chains(List<Digest> diffIds) {
    var chains = new ArrayList<Digest>();
    @Nullable Digest chain = null;
    for (var diffId : diffIds) {
      chain = ChainId.next(chain, diffId);
      chains.add(chain);
    }
    return chains;
  }

  /// Which of the layers have no tree at their place yet.
  private List<Integer> missing(List<Digest> chains) throws IOException {
    var missing = new ArrayList<Integer>();
    for (int i = 0; i < chains.size(); i++) {
      if (store.trees().find(chains.get(i)).isEmpty()) {
        missing.add(i);
      }
    }
    return missing;
  }

  private List<Path> found(List<Digest> chains) throws IOException {
    var trees = new ArrayList<Path>();
    for (var chain : chains) {
      trees.add(store.trees().find(chain).orElseThrow());
    }
    return trees;
  }

  /// Unpacks the missing layers that nobody else unpacks already, and waits for those.
  private void unpack(List<Digest> diffIds, List<Digest> chains, List<Integer> missing)
      throws IOException {
    var mine = new ArrayList<Integer>();
    var others = new ArrayList<CountDownLatch>();
    var done = new HashMap<Digest, CountDownLatch>();
    for (var i : missing) {
      var promise = new CountDownLatch(1);
      var other = busy.putIfAbsent(chains.get(i), promise);
      if (other == null) {
        mine.add(i);
        done.put(chains.get(i), promise);
      } else {
        others.add(other);
      }
    }
    try {
      unpackMine(diffIds, chains, mine);
    } finally {
      // Whoever waits looks whether the tree is there, and if not makes it himself.
      done.forEach(
          (chain, promise) -> {
            busy.remove(chain);
            promise.countDown();
          });
    }
    await(others);
  }

  private static void await(List<CountDownLatch> others) throws InterruptedIOException {
    try {
      for (var other : others) {
        other.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while layers were being unpacked");
    }
  }

  private void unpackMine(List<Digest> diffIds, List<Digest> chains, List<Integer> mine)
      throws IOException {
    var queue = new ConcurrentLinkedQueue<>(mine);
    if (mine.size() > 1) {
      unpackTogether(diffIds, chains, queue);
    }
    work(diffIds, chains, queue, Long.MAX_VALUE);
  }

  /// Unpacks with several workers; what is left in the queue is for one.
  private void unpackTogether(List<Digest> diffIds, List<Digest> chains, Queue<Integer> queue)
      throws IOException {
    var large = new TreeSet<Integer>();
    int most = Math.min(MOST_AT_ONCE, queue.size());
    var workers = new ArrayList<FutureTask<@Nullable Void>>();
    var threads = new ArrayList<Thread>();
    try {
      for (int i = 0; i < most; i++) {
        var worker =
            new FutureTask<@Nullable Void>(
                () -> {
                  try {
                    var found = work(diffIds, chains, queue, mostInView);
                    synchronized (large) {
                      large.addAll(found);
                    }
                  } finally {
                    queue.clear(); // if one fails the others take no more
                  }
                  return null;
                });
        threads.add(Thread.ofPlatform().name("unpack-" + i).start(worker));
        workers.add(worker);
      }
      for (var worker : workers) {
        worker.get();
      }
    } catch (InterruptedException e) {
      threads.forEach(Thread::interrupt); // one may wait for a registry
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while layers were being unpacked");
    } catch (ExecutionException e) {
      ThrownElsewhere.rethrow(e.getCause());
    } finally {
      queue.clear();
      threads.forEach(Workers::join);
    }
    queue.addAll(large);
  }

  /// Unpacks layers of the queue, which has them lowest first, until it is empty. A layer comes and
  /// is inflated when its turn has come, while others are unpacked. The view grows with what is
  /// taken: each worker has its own.
  ///
  /// @param most so many entries may be in the view
  /// @return what came and was inflated but would be too much for the view
  private List<Integer> work(
      List<Digest> diffIds, List<Digest> chains, Queue<Integer> queue, long most)
      throws IOException {
    var large = new ArrayList<Integer>();
    var view = new MergedView();
    int at = 0;
    int counted = 0;
    long entries = 0;
    for (var place = queue.poll(); place != null; place = queue.poll()) {
      var diffId = diffIds.get(place);
      layers.bring(List.of(diffId));
      layers.plain(diffId).close();
      for (; counted <= place; counted++) {
        entries += layers.index(diffIds.get(counted)).size();
      }
      if (entries > most) {
        large.add(place);
        view = new MergedView(); // all that follow are above this one
        continue;
      }
      for (; at < place; at++) {
        view.apply(diffIds.get(at), layers.index(diffIds.get(at)));
      }
      var change = view.apply(diffId, layers.index(diffId));
      at++;
      unpack(diffId, chains.get(place), view, change);
    }
    return large;
  }

  /// Writes the whole file system that layers make into `directory`, over what is there: files of
  /// the same names are replaced, others stay.
  ///
  /// @throws BuildFailure if something else is where a directory belongs, or the other way round;
  ///     nothing is written then
  public void export(List<Digest> diffIds, Path directory) throws IOException {
    try (var target = Directory.open(directory)) {
      if (target.list().isEmpty()) {
        fill(diffIds, directory);
        return;
      }
      var scratch = Files.createTempDirectory(directory, ".jbuild-");
      try (var made = Directory.open(scratch)) {
        fill(diffIds, scratch);
        TreeMerge.move(made, target);
      } finally {
        target.removeTree(scratch.getFileName().toString().getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  private void fill(List<Digest> diffIds, Path directory) throws IOException {
    layers.verify(diffIds);
    layers.bring(diffIds);
    var view = layers.view(diffIds);
    if (!diffIds.isEmpty()) {
      write(diffIds.getLast(), view, view.all(), directory);
    }
  }

  private void unpack(Digest diffId, Digest chain, MergedView view, LayerChange change)
      throws IOException {
    try (var draft = store.trees().draft()) {
      write(diffId, view, change, draft.fs());
      store.trees().commit(draft, chain);
    }
  }

  private void write(Digest diffId, MergedView view, LayerChange change, Path directory)
      throws IOException {
    try (var pass = new TreePass(diffId, layers, view, change, Directory.open(directory))) {
      pass.placeAll();
      new Marking(pass, view, change).run();
      pass.finishDirectories();
    }
  }

  /// What an overlay has to be told beside the files of a layer.
  private final class Marking {
    private final TreePass pass;
    private final MergedView view;
    private final LayerChange change;

    Marking(TreePass pass, MergedView view, LayerChange change) {
      this.pass = pass;
      this.view = view;
      this.change = change;
    }

    void run() throws IOException {
      hideRemoved();
      for (var path : change.opaque()) {
        if (pass.isDirectory(path)) {
          pass.makeDirectory(path);
          setOpaque(path);
        }
      }
    }

    private void hideRemoved() throws IOException {
      for (var each : change.removed().entrySet()) {
        var path = each.getKey();
        if (!pass.isDirectory(path.parent()) || isHiddenAbove(path)) {
          continue;
        }
        var now = view.find(path);
        if (now.isEmpty() || pass.leftOut().contains(path)) {
          pass.makeDirectory(path.parent());
          marks.hide(pass.tree().at(path.parent()), path.name());
        } else if (now.get().isDirectory() && each.getValue()) {
          pass.makeDirectory(path);
          setOpaque(path);
        }
      }
    }

    /// Whether a directory above is new itself, so that nothing of below shows at `path` anyway.
    private boolean isHiddenAbove(ArchivePath path) {
      for (var at = path; !at.isRoot(); ) {
        at = at.parent();
        if (change.opaque().contains(at) || change.removed().containsKey(at)) {
          return true;
        }
      }
      return false;
    }

    private void setOpaque(ArchivePath path) throws IOException {
      if (path.isRoot()) {
        marks.setRootOpaque(pass.tree().at(path));
      } else {
        marks.setOpaque(pass.tree().at(path.parent()), path.name());
      }
    }
  }
}
