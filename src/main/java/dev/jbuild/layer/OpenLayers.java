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
  private final LayerReader.Plains source;
  private final Map<Digest, OpenFile> plains = new HashMap<>();
  private boolean closed;

  public OpenLayers(LayerReader layers) {
    this(layers, layers::plain);
  }

  /// @param source opens the plain tar of a layer
  OpenLayers(LayerReader layers, LayerReader.Plains source) {
    this.layers = layers;
    this.source = source;
  }

  /// The bytes of a regular file, to be read before this is closed.
  ///
  /// @throws IOException also if this is closed already
  public InputStream content(ViewEntry file) throws IOException {
    return layers.content(file, this::plain);
  }

  private OpenFile plain(Digest diffId) throws IOException {
    synchronized (plains) {
      checkOpen();
      var open = plains.get(diffId);
      if (open != null) {
        return open;
      }
    }
    var opened = source.of(diffId); // which may take long: others are not kept waiting
    synchronized (plains) {
      var first = closed ? opened : plains.putIfAbsent(diffId, opened);
      if (first != null) {
        opened.close();
      }
      checkOpen();
      return first == null ? opened : first;
    }
  }

  /// Only while [#plains] is locked.
  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("the layers are closed");
    }
  }

  @Override
  public void close() {
    synchronized (plains) {
      closed = true;
      plains.values().forEach(OpenFile::close);
      plains.clear();
    }
  }
}
