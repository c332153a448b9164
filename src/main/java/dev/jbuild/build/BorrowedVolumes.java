package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.sandbox.StepMount;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a container has of kept ones: the files of the machine that were mounted there, and the
/// VOLUMEs of their images as they are there. What it writes to these stays with its owner.
final class BorrowedVolumes implements AutoCloseable {

  private final Store store;
  private final List<StepMount> mounts = new ArrayList<>();
  private final Deque<Closing> open = new ArrayDeque<>();

  private BorrowedVolumes(Store store) {
    this.store = store;
  }

  static BorrowedVolumes open(Store store, StepRoots roots, List<RunRequest.VolumesFrom> owners)
      throws IOException {
    var volumes = new BorrowedVolumes(store);
    try {
      for (var owner : once(owners)) {
        volumes.add(owner, roots);
      }
      return volumes;
    } catch (IOException | RuntimeException e) {
      volumes.close();
      throw e;
    }
  }

  /// Each owner once, since it is held by one at a time; whoever may write anywhere may write.
  private static List<RunRequest.VolumesFrom> once(List<RunRequest.VolumesFrom> owners) {
    var each = new LinkedHashMap<String, RunRequest.VolumesFrom>();
    for (var owner : owners) {
      each.merge(
          owner.state().entry().id(),
          owner,
          (first, second) -> first.isReadOnly() ? second : first);
    }
    return List.copyOf(each.values());
  }

  List<StepMount> mounts() {
    return List.copyOf(mounts);
  }

  private void add(RunRequest.VolumesFrom owner, StepRoots roots) throws IOException {
    var states = new KeptStates(store);
    var state = owner.state();
    for (var bind : spec(state).binds()) {
      mounts.add(
          new StepMount.Bind(
              bind.root(),
              bind.source(),
              bind.target(),
              bind.isDirectory(),
              bind.isReadOnly() || owner.isReadOnly()));
    }
    var volumes = states.image(state).config().volumes();
    if (volumes.isEmpty()) {
      return;
    }
    if (roots instanceof CopiedRoots) {
      throw BuildFailure.of(
          BuildFailure.Kind.SANDBOX,
          "--volumes-from needs mounts, and the chroot sandbox can make none");
    }
    var hold = states.hold(state.entry());
    open.push(hold::close);
    var root = roots.reopen(state.allLayers(), hold);
    open.push(root::close);
    var mounted = root.open(List.of());
    open.push(mounted::close);
    for (var volume : volumes) {
      var path = ArchivePath.clamped(volume);
      mounted.makeDirectory(path);
      mounts.add(new StepMount.Bind(root.path(), volume, "/" + path, true, owner.isReadOnly()));
    }
  }

  private static ContainerSpec spec(KeptState state) {
    try {
      return ContainerSpec.of(state.entry());
    } catch (ImageFormatException e) {
      throw BuildFailure.of(BuildFailure.Kind.STORE, String.valueOf(e.getMessage()), e);
    }
  }

  /// Something to close.
  private interface Closing {
    void close() throws IOException;
  }

  /// The last that was opened first.
  @Override
  public void close() throws IOException {
    @Nullable IOException first = null;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
