package dev.jbuild.serve;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// A blob, open for reading; it can be read to its end even if it is removed meanwhile.
record BlobFile(FileChannel channel, long size) implements AutoCloseable {

  /// @return nothing if there is no such file
  static Optional<BlobFile> open(Path path) throws IOException {
    try {
      var channel = FileChannel.open(path, StandardOpenOption.READ);
      try {
        return Optional.of(new BlobFile(channel, channel.size()));
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
