package dev.jbuild.linux;

import dev.jbuild.failure.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/// A pipe with a name (fifo(7)), for a process that was started with too few descriptors; read
/// here.
///
/// Our own hold on its writing end keeps the end from coming before [#releaseWriter] or [#close].
public final class NamedPipe implements AutoCloseable {

  private static final int OWNER_ONLY = 0600;
  private static final int WRITE = 1;

  private final Opened reader;
  private final Opened writer;

  private NamedPipe(Opened reader, Opened writer) {
    this.reader = reader;
    this.writer = writer;
  }

  /// Makes the file `name` in `directory`, 0600, and opens it.
  public static NamedPipe make(Path directory, String name) throws IOException {
    try (var parent = Directory.open(directory)) {
      parent.makeNode(Utf8.encode(name), FileType.FIFO, OWNER_ONLY, 0, 0);
    }
    var path = directory.resolve(name);
    var reader = open(path, Opening.READ);
    try {
      return new NamedPipe(reader, open(path, WRITE));
    } catch (IOException e) {
      reader.close();
      throw e;
    }
  }

  private static Opened open(Path path, int flags) throws LinuxException {
    var bytes = Where.bytes(path);
    var where = Where.of(bytes);
    return new Opened(Opening.at(Opening.AT_FDCWD, bytes, flags, 0, where), where);
  }

  /// What is written to it. Closing the stream leaves the pipe open.
  public InputStream output() {
    return new NonBlocking(reader).inputStream();
  }

  /// Lets the end of [#output] come when others have closed their ends.
  public void releaseWriter() {
    writer.close();
  }

  /// Closes it. The file stays.
  @Override
  public void close() {
    writer.close();
    reader.close();
  }
}
