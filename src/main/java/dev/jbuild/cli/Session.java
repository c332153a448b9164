package dev.jbuild.cli;

import dev.jbuild.build.TransferSteps;
import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.registry.Registries;
import dev.jbuild.registry.RegistryFetcher;
import dev.jbuild.store.RemoteBlob;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One run of jbuild: where it prints, its environment, its store.
record Session(Console console, Map<String, String> environment, Options options) {

  /// Opens the store, making it if it is missing; the caller closes it.
  Store openStore() throws IOException {
    var store = Store.open(storeRoot());
    store.remote().connect(blobs -> fetch(store, blobs));
    return store;
  }

  /// Asks whoever has it, whom the command line did not name: its credentials stay out of this.
  private void fetch(Store store, List<RemoteBlob> blobs) throws IOException, InterruptedException {
    try (var registries = RegistryAccess.open(options, this, Map.of())) {
      fetch(store, registries, blobs);
    }
  }

  /// Brings what was left in a registry and turns out to be needed.
  void fetch(Store store, Registries registries, List<RemoteBlob> blobs)
      throws IOException, InterruptedException {
    try (var progress = Transferring.progress(options, this)) {
      new RegistryFetcher(store, registries, new TransferSteps("pull", progress)).fetch(blobs);
    }
  }

  /// Opens the store if there is one, for a command that only reads; the caller closes it.
  ///
  /// @throws dev.jbuild.failure.BuildFailure if it is another's, or no store
  Optional<Store> openExistingStore() throws IOException {
    return Files.exists(storeRoot().resolve("version"))
        ? Optional.of(openStore())
        : Optional.empty();
  }

  /// The same failure; commands that it advises to name the store that was named here.
  BuildFailure inThisStore(BuildFailure failure) {
    var root = options.value("--root");
    var hint = failure.hint();
    if (root.isEmpty() || hint.isEmpty()) {
      return failure;
    }
    var named = "jbuild --root " + Printable.of(root.get()) + " ";
    return failure.hint(hint.get().replace("jbuild debug", named + "debug"));
  }

  /// Where the store is, or will be.
  Path storeRoot() {
    return options
        .value("--root")
        .map(dir -> Path.of(dir).toAbsolutePath().normalize())
        .orElseGet(this::usualRoot);
  }

  private Path usualRoot() {
    boolean said = !environment.getOrDefault("JBUILD_ROOT", "").isEmpty();
    return (said ? Optional.<Path>empty() : settings().root())
        .orElseGet(() -> Store.defaultRoot(environment));
  }

  /// What the person's configuration file says.
  Settings settings() {
    return Settings.read(environment);
  }
}
