package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// The bytes of a file that goes into a layer, opened when their turn comes.
@FunctionalInterface
public interface Content {

  /// What directories, links and devices have. No constant: Java keeps no lambdas of an interface
  /// with constants in a snapshot.
  static Content none() {
    return InputStream::nullInputStream;
  }

  /// The digest of the bytes, if it is known without reading them.
  default @Nullable Digest digest() throws IOException {
    return null;
  }

  /// A stream of exactly as many bytes as the entry says; closed by whoever asked.
  InputStream open() throws IOException;
}
