package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;

/// The bytes of files of layers for who reads many: a layer's plain tar stays open from the
/// first of its files on, until this is closed. Safe for use by many threads.
public final class OpenLayers implements AutoCloseable {

  private final LayerReader layers;
  private final Map<Digest, OpenFile> plains = new HashMap<>();

  public OpenLayers(LayerReader layers) {
    this.layers = layers;
  }

  /// The bytes of a regular file, to be read before this is closed.
  public InputStream content(ViewEntry file) throws IOException {
    return layers.content(file, this::plain);
  }

  private OpenFile plain(Digest diffId) throws IOException {
    synchronized (plains) {
      var open = plains.get(diffId);
      if (open != null) {
        return open;
      }
    }
    var opened = layers.plain(diffId); // which may take long: others are not kept waiting
    synchronized (plains) {
      var first = plains.putIfAbsent(diffId, opened);
      if (first == null) {
        return opened;
      }
      opened.close();
      return first;
    }
  }

  @Override
  public void close() {
    synchronized (plains) {
      plains.values().forEach(OpenFile::close);
      plains.clear();
    }
  }
}
