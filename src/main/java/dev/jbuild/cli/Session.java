package dev.jbuild.cli;

import dev.jbuild.console.Console;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// One run of jbuild: where it prints, its environment, its store.
record Session(Console console, Map<String, String> environment, Options options) {

  /// Opens the store, making it if it is missing; the caller closes it.
  Store openStore() throws IOException {
    return Store.open(storeRoot());
  }

  /// Where the store is, or will be.
  Path storeRoot() {
    return options
        .value("--root")
        .map(dir -> Path.of(dir).toAbsolutePath().normalize())
        .orElseGet(() -> Store.defaultRoot(environment));
  }
}
