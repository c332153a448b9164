package dev.jbuild.archive;

import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// Stores in a directory of the test, closed after it.
abstract class StoreBench {

  @TempDir Path directory;
  Store store;
  private final List<Store> opened = new ArrayList<>();

  Store open(String name) throws IOException {
    var another = Store.open(directory.resolve(name));
    opened.add(another);
    return another;
  }

  @BeforeEach
  void openStore() throws IOException {
    store = open("store");
  }

  @AfterEach
  void closeStores() throws IOException {
    for (var each : opened) {
      each.close();
    }
  }
}
