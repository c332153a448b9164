package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.plan.StageBase;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The layers of what a build makes: how they are named, and that they are here in the end, so that
/// what has a name in the store runs and leaves without a network.
///
/// Those of the image below come meanwhile, since the result needs them whatever the steps do.
final class ResultLayers implements AutoCloseable {

  private final Store store;
  private final boolean left;
  private @Nullable Thread early;

  /// @param left whether layers that nothing needed stay where they are
  ResultLayers(Store store, boolean left) {
    this.store = store;
    this.left = left;
  }

  /// Begins to bring what the result will need. A failure is told by [#bring], or by the step that
  /// needs the layer before.
  void begin(List<Workshop> shops) throws IOException {
    if (left) {
      return;
    }
    var images = new Images(store);
    var wanted = new HashMap<Digest, Descriptor>();
    for (var shop : shops) {
      var below = below(shop);
      for (var layer : images.layers(List.copyOf(below.keySet()), below)) {
        if (!store.blobs().contains(layer.digest())) {
          wanted.put(layer.digest(), layer);
        }
      }
    }
    if (!wanted.isEmpty()) {
      early =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      store.remote().bring(wanted.keySet());
                    } catch (IOException | BuildFailure e) {
                      // told by whoever needs it
                    }
                  });
    }
  }

  /// Brings what the store still lacks.
  void bring(List<BuiltImage> built) throws IOException {
    if (!left) {
      store
          .remote()
          .bring(
              built.stream()
                  .flatMap(image -> image.layers().stream())
                  .map(Descriptor::digest)
                  .toList());
    }
  }

  /// By diff ID, what the image with which the target begins names its layers.
  static Map<Digest, Descriptor> below(Workshop shop) {
    var stage = shop.plan().target();
    while (stage.base() instanceof StageBase.EarlierStage(var index)) {
      stage = shop.plan().stage(index);
    }
    var named = new HashMap<Digest, Descriptor>();
    if (stage.base() instanceof StageBase.Image(var request, var config)) {
      var layers = shop.image(request).manifest().layers();
      for (int i = 0; i < layers.size(); i++) {
        named.put(config.diffIds().get(i), layers.get(i));
      }
    }
    return named;
  }

  /// Stops what is still under way.
  @Override
  public void close() {
    var thread = early;
    if (thread == null) {
      return;
    }
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it ends with the process
    }
  }
}
