package dev.jbuild.cli;

import dev.jbuild.build.TransferSteps;
import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Reference;
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
import java.util.Set;
import java.util.stream.Collectors;

/// One run of jbuild: where it prints, its environment, its store.
///
/// @param named the registries of the images that the command line names: its credentials are for
///     one of them
record Session(
    Console console, Map<String, String> environment, Options options, Set<String> named) {

  Session {
    named = Set.copyOf(named);
  }

  Session(Console console, Map<String, String> environment, Options options) {
    this(console, environment, options, Set.of());
  }

  /// The same where images are named: by an ID, or a name without a host, no registry is. Docker
  /// Hub is where it is written out.
  Session naming(List<String> images) {
    var hosts =
        images.stream()
            .filter(word -> Reference.problem(word).isEmpty())
            .filter(Session::hasHost)
            .map(word -> Reference.parse(word).domain())
            .collect(Collectors.toSet());
    return new Session(console, environment, options, hosts);
  }

  private static boolean hasHost(String name) {
    return !Reference.parse(name).domain().equals(RegistryAccess.HUB)
        || name.startsWith(RegistryAccess.HUB + "/")
        || name.startsWith("index." + RegistryAccess.HUB + "/");
  }

  /// Opens the store, making it if it is missing; the caller closes it.
  Store openStore() throws IOException {
    var store = Store.open(storeRoot());
    store.remote().connect(blobs -> fetch(store, blobs));
    return store;
  }

  /// Asks whoever has it. That may be another than the registry that the command line names, which
  /// alone sees its credentials: a Dockerfile named the other, and may be somebody else's.
  private void fetch(Store store, List<RemoteBlob> blobs) throws IOException, InterruptedException {
    var logins = RegistryAccess.logins(options, named);
    try (var registries = RegistryAccess.open(options, this, logins)) {
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
    var said = options.value("--root");
    return said.isPresent() ? Path.of(said.get()).toAbsolutePath().normalize() : usualRoot();
  }

  private Path usualRoot() {
    boolean said = !environment.getOrDefault("JBUILD_ROOT", "").isEmpty();
    var configured = said ? Optional.<Path>empty() : settings().root();
    return configured.isPresent() ? configured.get() : Store.defaultRoot(environment);
  }

  /// What the person's configuration file says.
  Settings settings() {
    return Settings.read(environment);
  }
}
