package dev.jbuild.layer;

import java.io.IOException;
import java.io.InputStream;

/// The bytes of a file that goes into a layer, opened when their turn comes.
@FunctionalInterface
public interface Content {

  /// What directories, links and devices have.
  Content NONE = InputStream::nullInputStream;

  /// A stream of exactly as many bytes as the entry says; closed by whoever asked.
  InputStream open() throws IOException;
}
