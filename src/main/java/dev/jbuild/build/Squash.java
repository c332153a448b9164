package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.image.History;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.OpenLayers;
import dev.jbuild.layer.ViewDiff;
import dev.jbuild.plan.Plan;
import dev.jbuild.plan.StageBase;
import dev.jbuild.plan.Step;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// The layers above an image's base made into one (`--squash`), as the classic builder of Docker
/// did it: the base's layers stay shared, and what one step made and a later one removed is gone.
/// The layers of the steps stay in the store, for the next build.
final class Squash {

  private final Store store;
  private final LayerReader layers;
  private final Tally tally;

  /// @param tally is told of the layer
  Squash(Store store, Tally tally) {
    this.store = store;
    this.tally = tally;
    this.layers = new LayerReader(store);
  }

  /// The same image with one layer for all that the build put on its base, or none if that comes
  /// to nothing. The history keeps its lines, and one more tells of the layer.
  ImageConfig of(Plan plan, ImageConfig image) throws IOException {
    var base = base(plan);
    var diffIds = image.diffIds();
    if (diffIds.size() - base.size() < 2) {
      return image;
    }
    layers.verify(diffIds); // no key remembers with what this layer was made
    var squashed = new ArrayList<>(base);
    var history = history(image.history(), base.size());
    try (var open = new OpenLayers(layers)) {
      var draft =
          ViewDiff.between(layers.view(base), layers.view(diffIds), open, OptionalLong.empty());
      if (!draft.isEmpty()) {
        var written = draft.write(store);
        tally.made(written.diffId(), written.size());
        squashed.add(written.diffId());
        history.add(new History(image.created(), "SQUASH", "", Step.HISTORY_COMMENT, false));
      }
    }
    return image.withLayers(squashed, history);
  }

  /// The layers of the image that the target begins with, through the stages below it.
  private static List<Digest> base(Plan plan) {
    var stage = plan.target();
    while (stage.base() instanceof StageBase.EarlierStage(var index)) {
      stage = plan.stage(index);
    }
    return switch (stage.base()) {
      case StageBase.Image(var _, var config) -> config.diffIds();
      case StageBase.Scratch _, StageBase.Files _, StageBase.EarlierStage _ -> List.of();
    };
  }

  /// @param kept how many layers stay; what comes after the line of the last one adds none now
  private static List<History> history(List<History> lines, int kept) {
    var history = new ArrayList<History>();
    int layer = 0;
    for (var line : lines) {
      boolean added = !line.emptyLayer();
      layer += added ? 1 : 0;
      history.add(
          added && layer > kept
              ? new History(line.created(), line.createdBy(), line.author(), line.comment(), true)
              : line);
    }
    return history;
  }
}
