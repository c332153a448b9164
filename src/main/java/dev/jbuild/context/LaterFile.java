package dev.jbuild.context;

import dev.jbuild.image.Digest;
import java.io.IOException;
import java.io.InputStream;

/// A file of a [SourceTree] that is read later, see [SourceTree#later].
public interface LaterFile {

  /// As [SourceTree#digest].
  Digest digest() throws IOException;

  /// As [SourceTree#open].
  InputStream open() throws IOException;

  /// For a tree that holds its entries anyway.
  record Known(SourceTree tree, SourceEntry file) implements LaterFile {

    @Override
    public Digest digest() throws IOException {
      return tree.digest(file);
    }

    @Override
    public InputStream open() throws IOException {
      return tree.open(file);
    }
  }
}
