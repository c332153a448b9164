package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import dev.jbuild.image.History;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.OpenLayers;
import dev.jbuild.layer.UpperDiff;
import dev.jbuild.layer.ViewDiff;
import dev.jbuild.linux.Directory;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;

/// Makes an image of a container or a failed step that is kept: what its process changed becomes a
/// layer, as a RUN's does. It stays kept.
public final class Commit {

  private final Store store;
  private final Clock clock;

  public Commit(Store store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /// Makes the image and gives it its name.
  ///
  /// @return its ID
  public Digest run(KeptState state, CommitRequest request) throws IOException {
    var states = new KeptStates(store);
    var below = states.image(state);
    var config = new ConfigChanges(request.changes(), below.platform()).apply(below);
    Optional<Digest> layer;
    try (var _ = states.hold(state.entry())) {
      checkSwept(states.named(state.entry().id())); // as it is now that nobody else is in it
      layer = layer(state, request);
    }
    var created = Instant.ofEpochSecond(new Times(clock, request.clamp()).now());
    var diffIds = new ArrayList<>(below.diffIds());
    layer.ifPresent(diffIds::add);
    var history = new ArrayList<>(below.history());
    history.add(
        new History(
            created,
            createdBy(state),
            request.author().orElse(""),
            request.message().orElse(""),
            layer.isEmpty()));
    var image = below.withConfig(config).withLayers(diffIds, history).withCreated(created);
    return store(
        request.author().isPresent() ? image.withAuthor(request.author().get()) : image, request);
  }

  private static void checkSwept(KeptState state) {
    if (state.unswept().isEmpty()) {
      return;
    }
    var id = Printable.of(state.unswept().getFirst());
    throw BuildFailure.of(
            BuildFailure.Kind.STORE,
            "the files of %s may hold the secret \"%s\", since jbuild was killed in it"
                .formatted(state.shown(), id))
        .hint(
            "jbuild debug --secret id=%s,src=FILE %s -- true  removes it"
                .formatted(id, state.entry().id()));
  }

  private Digest store(ImageConfig image, CommitRequest request) throws IOException {
    var images = new Images(store);
    images.name(images.assemble(image), request.name().stream().toList());
    return image.digest();
  }

  private Optional<Digest> layer(KeptState state, CommitRequest request) throws IOException {
    var layers = new LayerReader(store);
    var inFiles = layerOfFiles(state, request, layers);
    if (state.changes().isEmpty()) {
      return inFiles;
    }
    var all = state.allLayers();
    inFiles.ifPresent(all::add);
    try (var open = new OpenLayers(layers)) {
      return write(
          ViewDiff.between(layers.view(state.layers()), layers.view(all), open, request.clamp()));
    }
  }

  private Optional<Digest> write(LayerDraft changes) throws IOException {
    return changes.isEmpty() ? Optional.empty() : Optional.of(changes.write(store).diffId());
  }

  private Optional<Digest> layerOfFiles(KeptState state, CommitRequest request, LayerReader layers)
      throws IOException {
    var view = layers.view(state.allLayers());
    try (var diff =
        new UpperDiff(Directory.open(state.entry().fs()), view, layers, request.clamp())) {
      return write(diff.changes());
    }
  }

  /// So that nobody takes it for what a Dockerfile makes (reliability case 105).
  private static String createdBy(KeptState state) {
    var command = String.join(" ", state.command());
    return switch (state.kind()) {
      case CONTAINER -> "jbuild commit: container of " + state.from() + ": " + command;
      case STEP -> "jbuild commit: failed step " + state.from() + ": " + command;
    };
  }
}
