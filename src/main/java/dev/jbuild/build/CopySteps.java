package dev.jbuild.build;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Progress;
import dev.jbuild.context.InputManifest;
import dev.jbuild.context.SourceTree;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.EarlierLayer;
import dev.jbuild.layer.MergedView;
import dev.jbuild.plan.CopySource;
import dev.jbuild.plan.CopyStep;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/// The COPY and ADD steps of one stage: each is found in the cache, by where its files come from or
/// by what they are, or its layer is made.
final class CopySteps {

  private final StageRunner runner;
  private final Workshop shop;
  private final Progress progress;
  private final Semaphore jobs;

  CopySteps(StageRunner runner, Workshop shop, Progress progress, Semaphore jobs) {
    this.runner = runner;
    this.shop = shop;
    this.progress = progress;
    this.jobs = jobs;
  }

  /// Takes the stage through a step.
  void copy(CopyStep step) throws IOException, InterruptedException {
    var instruction = runner.inputs("copy").with("instruction", CopyText.canonical(step));
    var source = shop.source(step.origin());
    var bySource =
        source.chain().isPresent() && onlyFiles(step)
            ? Optional.of(
                key(
                    step,
                    instruction
                        .with("source", source.chain().get())
                        .with("paths", CopyText.sources(step)),
                    shop.layersOf(step.origin()).orElse(List.of())))
            : Optional.<StepKey>empty();
    if (bySource.isPresent()) {
      var known = runner.find(bySource.get());
      if (known.isPresent()) {
        var files = known.get().files().map(Digest::toString).orElse("");
        var noted = withParent(step, instruction.with(StepInputs.FILES, files));
        runner.attempt(step).with(noted).cached(known.get());
        return;
      }
    }
    jobs.acquire();
    var next = runner.showsNext(step);
    try (var archives = new Archives(shop::temporary)) {
      var gathered =
          new CopyInputs(
                  step, source.name(), archives, shop.remotes(), runner.times(), runner::warn)
              .telling(bytes -> progress.on(new BuildEvent.Moved(next, bytes, -1)));
      var tree = source.tree();
      tree.watch((found, read) -> progress.on(new BuildEvent.Looked(next, found, read)));
      List<Piece> pieces;
      Listed listed; // the manifest itself may be large
      try {
        pieces = gathered.gather(tree);
        listed = manifest(step, next.id(), instruction, pieces);
      } finally {
        tree.watch(SourceTree.Watcher.NOBODY);
      }
      try (var _ = listed.files()) {
        var copying = new Copying(step, instruction, runner.attempt(step), bySource, listed);
        if (listed.known().isPresent()) {
          cached(copying, listed.known().get());
          return;
        }
        // Two platforms, or two builds, that copy the same make the layer once.
        try (var _ = copying.attempt().lock(listed.key().now().key())) {
          var meanwhile = runner.find(listed.key());
          if (meanwhile.isPresent()) {
            cached(copying, meanwhile.get());
          } else {
            make(copying, pieces);
          }
        }
      }
    } catch (BuildFailure e) {
      throw e.where().isPresent() ? e : e.at(step.span());
    } finally {
      jobs.release();
    }
  }

  /// What a copy's inputs come to.
  ///
  /// @param known the record of the same inputs, if there is one
  /// @param files the blob of the manifest
  /// @param content the content key of the manifest if the next build is to compare it
  private record Listed(
      StepKey key, Optional<StepRecord> known, Later<Digest> files, Optional<Digest> content) {}

  /// A step whose inputs are known.
  private record Copying(
      CopyStep step,
      StepInputs instruction,
      StepAttempt attempt,
      Optional<StepKey> bySource,
      Listed listed) {}

  /// @param title of the step as progress shows it
  private Listed manifest(CopyStep step, String title, StepInputs instruction, List<Piece> pieces)
      throws IOException {
    var manifest = CopyInputs.manifest(pieces);
    var same = earlier(step, title, manifest);
    var content = same.isPresent() ? same.get().content() : manifest.contentKey();
    var key = key(step, instruction.with("content", content.toString()), List.of());
    var known = runner.find(key);
    if (!manifest.isLong()) {
      var files = Later.whenAsked(() -> runner.manifestBlob(known, manifest));
      return new Listed(key, known, files, Optional.empty());
    }
    Later<Digest> files =
        same.isPresent()
            ? Later.whenAsked(same.get()::files)
            : Later.beside("manifest", () -> ownBlob(known, manifest));
    return new Listed(key, known, files, Optional.of(content));
  }

  /// Takes what goes into the step, as the next build is told.
  ///
  /// @return the blob of the manifest
  private Digest note(Copying copying) throws IOException, InterruptedException {
    var files = copying.listed.files().get();
    var inputs = copying.instruction.with(StepInputs.FILES, files.toString());
    copying.attempt.with(withParent(copying.step, inputs));
    copying
        .listed
        .content()
        .ifPresent(content -> copying.attempt.copies(new StepNotes.Copied(files, content)));
    return files;
  }

  private void cached(Copying copying, StepRecord record) throws IOException, InterruptedException {
    note(copying);
    runner.alias(copying.bySource, record);
    copying.attempt.cached(record);
  }

  /// The manifest as a blob, and certainly this one: a record may name that of other inputs which
  /// gave the same layer, and what is noted leads from the blob to the key.
  private Digest ownBlob(Optional<StepRecord> known, InputManifest manifest) throws IOException {
    var before = known.flatMap(StepRecord::files);
    return before.isPresent() && isIn(before.get(), manifest)
        ? before.get()
        : runner.manifestBlob(Optional.empty(), manifest);
  }

  /// What the build before noted of the step if the very same goes in again: byte by byte it is the
  /// manifest that the store keeps.
  private Optional<StepNotes.Copied> earlier(CopyStep step, String title, InputManifest manifest)
      throws IOException {
    if (!manifest.isLong()) {
      return Optional.empty();
    }
    var before = shop.notes().earlierCopy(title, step.instruction());
    return before.isPresent() && isIn(before.get().files(), manifest) ? before : Optional.empty();
  }

  /// Whether a blob of the store is this manifest. One that cannot be read is not: it only saves
  /// work.
  private boolean isIn(Digest blob, InputManifest manifest) throws IOException {
    if (!shop.store().lease().keep(blob)) {
      return false;
    }
    try (var file = shop.store().blobs().file(blob);
        var in = file.inputStream()) {
      return manifest.isIn(in);
    } catch (InterruptedIOException | ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean onlyFiles(CopyStep step) {
    return step.sources().stream().allMatch(each -> each instanceof CopySource.Files);
  }

  private StepInputs withParent(CopyStep step, StepInputs inputs) {
    return step.link() ? inputs : runner.onWhatIsBelow(inputs);
  }

  /// @param source the layers of which it copies, if the key does not hold what is copied
  private StepKey key(CopyStep step, StepInputs inputs, List<Digest> source) {
    var asked = new ArrayList<Digest>(source);
    if (!step.link()) {
      asked.addAll(runner.state().diffIds());
    }
    return new StepKey(withParent(step, inputs), asked, shop.layers());
  }

  /// What takes its time and is needed only when the layer is written is done beside thinking it
  /// out: the manifest becomes a blob, and the layer that the step made before is looked up.
  private void make(Copying copying, List<Piece> pieces) throws IOException, InterruptedException {
    var attempt = copying.attempt;
    try (Later<Optional<EarlierLayer>> earlier =
        copying.listed.content().isPresent()
            ? Later.beside("earlier", attempt::earlier)
            : Later.whenAsked(attempt::earlier)) {
      make(copying, pieces, earlier);
    }
  }

  private void make(Copying copying, List<Piece> pieces, Later<Optional<EarlierLayer>> earlier)
      throws IOException, InterruptedException {
    var step = copying.step;
    var key = copying.listed.key();
    var view = step.link() ? new MergedView() : shop.layers().view(runner.state().diffIds());
    var layer = new CopyLayer(step, view, shop.layers(), runner.times(), owner(step, view));
    var draft = layer.draft(pieces);
    layer.warning().ifPresent(runner::warn);
    // What would be written, with all that it takes from below: if a base moved without touching
    // that, the layer is the one that is there.
    var asWritten = runner.inputs("layer").with("entries", draft.description().toString());
    var known = runner.cache().find(asWritten.key());
    var files = note(copying);
    if (known.isPresent()) {
      var own = known.get().withFiles(files); // other inputs may have given the same layer
      runner.put(key, own);
      runner.alias(copying.bySource, own);
      copying.attempt.cached(known.get());
      return;
    }
    var record = runner.draftStep(copying.attempt, key, draft, Optional.of(files), earlier);
    runner.cache().put(asWritten.key(), asWritten.weakKey(), record);
    runner.alias(copying.bySource, record);
  }

  private Optional<Accounts.Owner> owner(CopyStep step, MergedView view) throws IOException {
    if (step.chown().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(AccountFiles.read(view, shop.layers()).forFiles(step.chown().get()));
    } catch (BuildFailure e) {
      throw e.at(step.span());
    }
  }
}
