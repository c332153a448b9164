package dev.jbuild.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/// The body of a request, which may be sent more than once.
public interface WebBody {

  /// Its bytes; -1 if that is not known, and it is sent in chunks.
  long length();

  /// Its bytes from the first one on; whoever sends them closes it.
  InputStream open() throws IOException;

  /// A short body.
  static WebBody of(byte[] bytes) {
    return new WebBody() {
      @Override
      public long length() {
        return bytes.length;
      }

      @Override
      public InputStream open() {
        return new ByteArrayInputStream(bytes);
      }
    };
  }
}
