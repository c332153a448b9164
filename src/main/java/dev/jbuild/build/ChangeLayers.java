package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
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

  /// The layers after one more visit.
  ///
  /// @param image what is below, the lowest first
  /// @param changes the layers until now, and `more`, those of the visit
  /// @return a list that begins with all of `changes`, or one that stands for them
  static List<Digest> after(
      List<Digest> image, List<Digest> changes, List<Digest> more, Store store) throws IOException {
    var all = new ArrayList<>(changes);
    all.addAll(more);
    if (more.isEmpty() || (all.size() <= MOST && image.size() + all.size() < LayerCount.MOST)) {
      return List.copyOf(all);
    }
    var stack = new ArrayList<>(image);
    stack.addAll(all);
    var layers = new LayerReader(store);
    var one =
        ViewDiff.between(layers.view(image), layers.view(stack), layers, OptionalLong.empty());
    return one.isEmpty() ? List.of() : List.of(one.write(store).diffId());
  }
}
