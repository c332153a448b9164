package dev.jbuild.build;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Progress;
import dev.jbuild.plan.ImageRequest;
import dev.jbuild.plan.Stage;
import dev.jbuild.plan.StageBase;
import java.time.Duration;
import java.util.List;

/// What a stage begins with.
final class StageStart {

  private StageStart() {}

  /// The state that it begins in. Of an image it is told that it is there.
  static StageState of(Stage stage, Workshop shop, Progress progress) {
    return switch (stage.base()) {
      case StageBase.Scratch _ -> StageState.of(List.of(), stage.start().history());
      case StageBase.Image(var request, var config) -> {
        var step =
            new BuildEvent.Step(
                shop.called(stage) + " base", "FROM " + request.reference().familiar());
        var note = isHeld(shop, request) ? "" : "its layers come when they are needed";
        progress.on(
            new BuildEvent.Finished(step, BuildEvent.Outcome.IN_STORE, Duration.ZERO, note));
        yield StageState.of(config.diffIds(), config.history());
      }
      case StageBase.EarlierStage(var index) -> shop.state(index);
      case StageBase.Files _ -> // its first step brings them
          StageState.of(List.of(), stage.start().history());
    };
  }

  private static boolean isHeld(Workshop shop, ImageRequest image) {
    var found = shop.image(image);
    var blobs = shop.store().blobs();
    return found.manifest().layers().stream().allMatch(layer -> blobs.contains(layer.digest()))
        || found.config().diffIds().stream().allMatch(blobs::contains);
  }
}
