package dev.jbuild.build;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Progress;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.plan.RunMount;
import dev.jbuild.plan.RunStep;
import dev.jbuild.plan.Stage;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// One RUN that is being made: its mounts, its log, and what becomes of it if it fails.
final class RunExecution {

  private final RunStep step;
  private final Stage stage;
  private final BoundFiles bound;
  private final Workshop shop;
  private final Progress progress;
  private final View view;
  private boolean isByHand;

  /// How progress shows the step.
  ///
  /// @param place where its log goes
  /// @param log the name of its log, known when the step ran
  /// @param waits told what it waits for
  /// @param fails told that it failed, and how, before anything else is done about it
  record View(
      BuildEvent.Step shown,
      StepLog.Place place,
      Supplier<Digest> log,
      Consumer<String> waits,
      Consumer<String> fails) {}

  RunExecution(
      RunStep step, Stage stage, BoundFiles bound, Workshop shop, Progress progress, View view) {
    this.step = step;
    this.stage = stage;
    this.bound = bound;
    this.shop = shop;
    this.progress = progress;
    this.view = view;
  }

  /// Runs the step.
  ///
  /// @param image what an image would be that ends before it
  /// @return its layer, to be written and closed by the caller
  FreshLayer layer(RunLayer.Ground ground, OptionalLong clamp, Supplier<ImageConfig> image)
      throws IOException, InterruptedException {
    Consumer<String> warnings = text -> progress.on(new BuildEvent.Warning(text));
    try (var log = StepLog.open(view.place, warnings)) {
      var output =
          SecretMask.of(
              secrets(step, shop),
              (bytes, length) -> {
                log.write(bytes, length);
                progress.on(new BuildEvent.Output(view.shown, Arrays.copyOf(bytes, length)));
              });
      try (var mounts =
          StepMounts.open(
              step.mounts(),
              step.security() == RunStep.Security.INSECURE,
              new BuildSources(bound, shop, view.waits))) {
        return shop.runLayer()
            .make(
                step,
                mounts,
                ground,
                shop.surroundings(),
                clamp,
                ForeignSteps.adviceIfNotFound(shop, stage),
                output,
                new RunLayer.Trouble() {
                  @Override
                  public void tell(String how) throws IOException {
                    output.finish(); // nothing of it comes after that
                    view.fails.accept(how);
                  }

                  @Override
                  public boolean isMended(RunLayer.Failed failed)
                      throws IOException, InterruptedException {
                    return RunExecution.this.isMended(failed, image);
                  }
                });
      } finally {
        output.finish();
      }
    }
  }

  /// Whether it failed, and a person made the files what they are.
  boolean isByHand() {
    return isByHand;
  }

  private boolean isMended(RunLayer.Failed failed, Supplier<ImageConfig> image)
      throws IOException, InterruptedException {
    var rescuer = shop.equipment().rescuer();
    if (!rescuer.equals(Rescuer.NONE)) {
      var mending =
          new Mending(
              view.shown.id() + ", " + view.shown.text(),
              failed.root(),
              failed.spec(),
              StepRecipe.of(step, shop.surroundings()),
              failed.sandbox(),
              shop.temporary());
      isByHand = rescuer.mends(mending);
    }
    if (!isByHand) {
      var title = view.shown.id();
      shop.notes().failed(title, step.instruction(), view.log.get());
      shop.equipment()
          .add(
              new FailedStep(
                  shop,
                  title,
                  step,
                  image.get(),
                  bound,
                  failed.root(),
                  failed.status(),
                  view.log.get()));
    }
    return isByHand;
  }

  /// The values of the secrets that a step is given: what must not be in a log.
  static List<byte[]> secrets(RunStep step, Workshop shop) {
    var given = shop.surroundings().settings().secrets();
    return step.mounts().stream()
        .flatMap(
            mount ->
                mount instanceof RunMount.Secret secret
                    ? given.find(secret.id()).stream()
                    : Stream.<byte[]>empty())
        .toList();
  }
}
