package dev.jbuild.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.http.Retry;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A store and a client that waits for nothing, with files of their own.
final class RegistryBench implements AutoCloseable {

  static final Platform PLATFORM = new Platform("linux", "amd64");

  final Store store;
  final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
  final List<String> warnings = Collections.synchronizedList(new ArrayList<>());
  final Map<String, String> environment = new TreeMap<>();
  private Access access = Access.USUAL;
  private Duration patience = Duration.ofSeconds(20);

  RegistryBench(Path directory) throws IOException {
    store = Store.open(directory.resolve("store"));
    environment.put("HOME", directory.resolve("home").toString());
    environment.put("XDG_RUNTIME_DIR", directory.resolve("run").toString());
    environment.put("CONTAINERS_REGISTRIES_CONF", directory.resolve("registries.conf").toString());
  }

  RegistryBench with(Access other) {
    access = other;
    return this;
  }

  RegistryBench patience(Duration time) {
    patience = time;
    return this;
  }

  static Access tlsVerify(boolean verify) {
    return new Access(Optional.of(verify), List.of(), Optional.empty(), Map.of(), Optional.empty());
  }

  static Access login(String user, String password) {
    return new Access(
        Optional.empty(),
        List.of(),
        Optional.of(new Credential.Password(user, password)),
        Map.of(),
        Optional.empty());
  }

  Registries registries() {
    return new Registries(
        environment, access, warnings::add, new Retry(pauses::add, () -> 0), patience);
  }

  Pulled pull(String name) throws IOException, InterruptedException {
    return pull(name, Optional.of(PLATFORM));
  }

  Pulled pull(String name, Optional<Platform> platform) throws IOException, InterruptedException {
    try (var registries = registries()) {
      return new Puller(store, registries, _ -> {}).pull(Reference.parse(name), platform);
    }
  }

  /// What a pull fails with, which is told as the registry's; nothing has the name then.
  String failing(String name) throws IOException {
    return failure(name).message();
  }

  BuildFailure failure(String name) throws IOException {
    var failure = assertThrows(BuildFailure.class, () -> pull(name));
    assertEquals(BuildFailure.Kind.REGISTRY, failure.kind());
    assertTrue(store.references().all().isEmpty());
    return failure;
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
