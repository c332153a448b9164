package dev.jbuild.registry;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// What tests of the client have in common: a registry that does what it is told, and a store
/// with a client of it.
class RegistryDesk {

  @TempDir Path directory;
  ScriptedRegistry registry;
  RegistryBench bench;

  @BeforeEach
  void start() throws IOException {
    registry = new ScriptedRegistry();
    bench = new RegistryBench(directory);
  }

  @AfterEach
  void stop() throws IOException {
    registry.close();
    bench.close();
  }

  String name() {
    return registry.host() + "/team/app:1";
  }

  static byte[] random(int length) {
    var bytes = new byte[length];
    new Random(7).nextBytes(bytes);
    return bytes;
  }
}
