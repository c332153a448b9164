package dev.jbuild.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.image.Digest;
import dev.jbuild.store.Store;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What leaves a store as a shared cache.
class CacheExportTest {

  @Test
  void cacheOfAnImageIsNoLongerThanItsPlace(@TempDir Path temp) throws Exception {
    try (var store = Store.open(temp)) {
      var key = Digest.of(new byte[] {1});
      var record = new StepRecord(Optional.empty(), 0, 0, Optional.empty());
      store.records().put(key, Digest.of(new byte[] {2}), record.toJson());
      var what = new BuildRecord.What("Dockerfile", "context", "target", "linux/amd64");
      var build = new BuildRecord(what, List.of(), List.of(key), List.of());

      var text = new CacheExport(store).inline(build).orElseThrow();

      var read = CacheDocument.parse(CacheDocument.fromText(text));
      assertEquals(List.of(key), read.records().stream().map(SharedRecord::key).toList());
      assertEquals(Optional.of(text), new CacheExport(store, text.length()).inline(build));
      assertTrue(new CacheExport(store, text.length() - 1).inline(build).isEmpty());
    }
  }
}
