package dev.jbuild.cli;

import dev.jbuild.console.Console;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// One run of jbuild: where it prints, its environment, its store.
record Session(Console console, Map<String, String> environment, Options options) {

  /// Opens the store, making it if it is missing; the caller closes it.
  Store openStore() throws IOException {
    return Store.open(storeRoot());
  }

  /// Opens the store if there is one, for a command that only reads; the caller closes it.
  ///
  /// @throws dev.jbuild.failure.BuildFailure if it is another's, or no store
  Optional<Store> openExistingStore() throws IOException {
    return Files.exists(storeRoot().resolve("version"))
        ? Optional.of(openStore())
        : Optional.empty();
  }

  /// Where the store is, or will be.
  Path storeRoot() {
    return options
        .value("--root")
        .map(dir -> Path.of(dir).toAbsolutePath().normalize())
        .orElseGet(() -> Store.defaultRoot(environment));
  }
}
