package dev.jbuild.store;

import dev.jbuild.image.Digest;
import dev.jbuild.image.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// What tests of a prune have in common: a store that other processes have used.
class PrunerBench {

  static final String A = "docker.io/library/a:1";

  @TempDir Path temp;
  Path root;

  @BeforeEach
  void name() {
    root = temp.resolve("store");
  }

  /// Does something as a process would that has ended since.
  <T> T done(Work<T> work) throws IOException {
    try (var store = Store.open(root)) {
      return work.with(store);
    }
  }

  interface Work<T> {
    T with(Store store) throws IOException;
  }

  boolean says(Work<Boolean> work) throws IOException {
    return done(work);
  }

  Pruned prune(PruneOptions options) throws IOException {
    return done(store -> store.prune(options));
  }

  boolean holds(Digest... digests) throws IOException {
    return done(store -> Stream.of(digests).allMatch(store.blobs()::contains));
  }

  static byte[] needs(List<Digest> blobs, List<Digest> trees) {
    return Json.write(
        Map.of(
            "blobs", blobs.stream().map(Digest::toString).toList(),
            "trees", trees.stream().map(Digest::toString).toList()));
  }

  static Digest key(int n) {
    return Digest.of(new byte[] {42, (byte) n});
  }

  SampleImage tagged(String name) throws IOException {
    return done(
        store -> {
          var image = SampleImage.put(store, name);
          store.references().tag(name, image.manifest());
          return image;
        });
  }
}
