package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.loops.Loop;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/// The file system of five layers of 20,000 files each, from the bytes of their indexes: each layer
/// replaces half of the one below. The floor is one pass over these bytes.
public class MergeLoop extends Loop {

  private static final int LAYERS = 5;
  private static final int DIRECTORIES = 200;
  private static final int FILES = 100;

  private record Layer(Digest diffId, byte[] index) {}

  private final List<Layer> layers = new ArrayList<>();

  /// Makes the indexes.
  @Setup
  public void prepare() throws IOException {
    for (int layer = 0; layer < LAYERS; layer++) {
      layers.add(new Layer(digest("layer " + layer), index(layer)));
    }
  }

  private static byte[] index(int layer) throws IOException {
    var index = new LayerIndex.Builder();
    long offset = 0;
    for (int i = 0; i < DIRECTORIES; i++) {
      var path = "usr/share/package%04d".formatted(layer * DIRECTORIES / 2 + i);
      index.add(TarEntry.directory(ArchivePath.of(path), 0755, 0, 0, 1), 0, null);
      for (int n = 0; n < FILES; n++) {
        var name = path + "/file%03d.txt".formatted(n);
        offset += 2048;
        index.add(
            TarEntry.file(ArchivePath.of(name), 0644, 0, 0, 1500, 1), offset, digest(layer + name));
      }
    }
    return index.build().toBytes();
  }

  private static Digest digest(String text) {
    return Digest.of(text.getBytes(StandardCharsets.US_ASCII));
  }

  /// Reads and merges all of them.
  @Benchmark
  public MergedView merge() throws IOException {
    var view = new MergedView();
    for (var layer : layers) {
      view.stack(layer.diffId, LayerIndex.parse(layer.index));
    }
    return view;
  }

  /// The sum of all bytes.
  @Benchmark
  public int mergeFloor() {
    int sum = 0;
    for (var layer : layers) {
      for (byte b : layer.index) {
        sum += b;
      }
    }
    return sum;
  }
}
