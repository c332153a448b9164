package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.ImageConfig;
import dev.jbuild.image.Json;
import dev.jbuild.layer.FileChange;
import dev.jbuild.layer.FileChanges;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.UpperDiff;
import dev.jbuild.linux.Directory;
import dev.jbuild.store.KeptEntry;
import dev.jbuild.store.KeptHold;
import dev.jbuild.store.Store;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/// The containers and failed steps that a store keeps.
public final class KeptStates {

  /// An ID is recognised from so many hex digits on.
  private static final int SHORTEST_ID = 2;

  private final Store store;

  public KeptStates(Store store) {
    this.store = store;
  }

  /// All that is kept, the newest first; those that this jbuild does not understand are left out.
  public List<KeptState> list() throws IOException {
    return store.kept().list().stream().flatMap(each -> KeptState.of(each).stream()).toList();
  }

  /// What a person calls so: by its name, or by the beginning of its ID.
  public Optional<KeptEntry> find(String text) throws IOException {
    var all = store.kept().list();
    for (var entry : all) {
      if (KeptState.of(entry).flatMap(KeptState::name).filter(text::equals).isPresent()) {
        return Optional.of(entry);
      }
    }
    if (text.length() < SHORTEST_ID) {
      return Optional.empty();
    }
    var byId = all.stream().filter(entry -> entry.id().startsWith(text)).toList();
    if (byId.size() > 1) {
      throw BuildFailure.of(
          BuildFailure.Kind.STORE, "several IDs begin with " + Printable.of(text));
    }
    return byId.stream().findFirst();
  }

  /// The same, understood.
  ///
  /// @throws BuildFailure if there is none
  public KeptState named(String text) throws IOException {
    var entry = find(text);
    if (entry.isEmpty()) {
      throw BuildFailure.of(
              BuildFailure.Kind.STORE,
              "there is no kept container or step \"" + Printable.of(text) + "\"")
          .hint("jbuild ps lists what there is");
    }
    return KeptState.of(entry.get())
        .orElseThrow(
            () ->
                BuildFailure.of(
                        BuildFailure.Kind.STORE,
                        entry.get().id() + " was kept by another version of jbuild")
                    .hint("remove it with: jbuild rm " + entry.get().id()));
  }

  /// Takes it for this process; closed by the caller.
  ///
  /// @throws BuildFailure if another process has it
  public KeptHold hold(KeptEntry entry) throws IOException {
    return store.kept().tryHold(entry).orElseThrow(() -> inUse(entry));
  }

  /// What is to be said of one that another process has.
  public static BuildFailure inUse(KeptEntry entry) {
    return BuildFailure.of(BuildFailure.Kind.STORE, entry.id() + " is in use by another jbuild")
        .hint("wait until that ends");
  }

  /// The image that it is without its changes.
  public ImageConfig image(KeptState state) throws IOException {
    return ImageConfig.parse(store.blobs().read(state.image(), Json.DOCUMENT_LIMIT));
  }

  /// What its process changed in the image. Of its files those are read that may be unchanged.
  public List<FileChange> changes(KeptState state) throws IOException {
    var layers = new LayerReader(store);
    var below = layers.view(state.layers());
    Predicate<TarEntry> mayBeSame =
        entry ->
            below
                .find(entry.path())
                .filter(was -> was.isFile() && was.entry().size() == entry.size())
                .isPresent();
    return FileChanges.between(below, view(state, mayBeSame), layers);
  }

  /// Its file system, for comparisons with others than its image.
  public MergedView view(KeptState state) throws IOException {
    return view(state, _ -> true);
  }

  private MergedView view(KeptState state, Predicate<TarEntry> hashes) throws IOException {
    var layers = new LayerReader(store);
    var below = layers.view(state.allLayers());
    try (var _ = hold(state.entry());
        var diff =
            new UpperDiff(
                Directory.open(state.entry().fs()), below, layers, OptionalLong.empty())) {
      var all = layers.view(state.allLayers());
      FileChanges.apply(diff.changes(), all, hashes);
      return all;
    }
  }
}
