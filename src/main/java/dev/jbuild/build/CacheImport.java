package dev.jbuild.build;

import dev.jbuild.console.Progress;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Platform;
import dev.jbuild.registry.Puller;
import dev.jbuild.registry.Registries;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// Brings a shared cache into a store, whole.
public final class CacheImport {

  private final Store store;
  private final CacheReader reader;

  public CacheImport(Store store, Registries registries, Progress progress) {
    this.store = store;
    this.reader =
        new CacheReader(store, new Puller(store, registries, new TransferSteps("cache", progress)));
  }

  /// What came, or was there.
  public record Imported(int records, int layers) {}

  /// @param platforms of an image that holds its cache itself: those of which it is wanted
  /// @throws BuildFailure if there is no cache that this jbuild understands, or it is not whole
  public Imported run(CachePlace place, List<Platform> platforms)
      throws IOException, InterruptedException {
    try {
      int records = 0;
      var layers = new HashSet<Digest>();
      for (var cache : reader.read(place, platforms)) {
        for (var layer : cache.layers()) {
          if (store.layers().stored(layer).isEmpty()) {
            cache.tell(store, layer);
          }
          layers.add(layer);
        }
        store.layers().bring(layers);
        for (var record : cache.records().values()) {
          if (!isKnown(record.key())) {
            put(cache, record);
          }
          records++;
        }
      }
      return new Imported(records, layers.size());
    } catch (ImageFormatException e) {
      throw unusable(place, String.valueOf(e.getMessage()));
    } catch (FileSystemException e) {
      throw unusable(place, e.getFile() + ": " + Optional.ofNullable(e.getReason()).orElse(""));
    }
  }

  /// What was made here stands before what others say.
  private boolean isKnown(Digest key) throws IOException {
    var known = store.records().find(key);
    if (known.isEmpty()) {
      return false;
    }
    try {
      var layer = StepRecord.parse(known.get()).layer();
      return layer.isEmpty() || store.layers().stored(layer.get()).isPresent();
    } catch (ImageFormatException e) {
      return false;
    }
  }

  private void put(SharedCache cache, SharedRecord record) throws IOException {
    var needed = new ArrayList<Digest>();
    record.record().layer().filter(cache::holds).ifPresent(needed::add);
    var files = record.record().files();
    if (files.isPresent() && cache.tellInputs(store, files.get())) {
      store.remote().bring(List.of(files.get()));
      needed.add(files.get());
    }
    store.records().put(record.key(), record.weakKey(), record.record().toJson(needed));
  }

  private static BuildFailure unusable(CachePlace place, String why) {
    return BuildFailure.of(
        BuildFailure.Kind.STORE,
        "there is no cache to import at " + place + ": " + Printable.of(why));
  }
}
