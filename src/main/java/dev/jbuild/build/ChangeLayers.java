package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.OpenLayers;
import dev.jbuild.layer.ViewDiff;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// The layers that hold what was changed in something that is kept, where nothing can be mounted.
/// Each visit that changes something adds one. When they are many they are made one, so that there
/// may be any number of visits.
final class ChangeLayers {

  /// More are made one: what a visit writes then is as much as all of them hold.
  static final int MOST = 16;

  private ChangeLayers() {}

  /// Where the layers are written down, in one step.
  @FunctionalInterface
  interface Spec {
    void replace(List<Digest> changes) throws IOException;
  }

  /// Writes down the layers after one more visit: all there are, and then, if they are many,
  /// the one that was made of them. If that cannot be made, as on a full disk, nothing is lost.
  ///
  /// @param image what is below, the lowest first
  /// @param changes the layers until now, and `more`, those of the visit
  static void keep(
      List<Digest> image, List<Digest> changes, List<Digest> more, Store store, Spec spec)
      throws IOException {
    var all = new ArrayList<>(changes);
    all.addAll(more);
    spec.replace(List.copyOf(all));
    if (!more.isEmpty() && (all.size() > MOST || image.size() + all.size() >= LayerCount.MOST)) {
      spec.replace(merged(image, all, store));
    }
  }

  /// One layer that stands for `all`; none if they come to nothing.
  private static List<Digest> merged(List<Digest> image, List<Digest> all, Store store)
      throws IOException {
    var stack = new ArrayList<>(image);
    stack.addAll(all);
    var layers = new LayerReader(store);
    try (var open = new OpenLayers(layers)) {
      var one =
          ViewDiff.between(layers.view(image), layers.view(stack), open, OptionalLong.empty());
      return one.isEmpty() ? List.of() : List.of(one.write(store).diffId());
    }
  }
}
