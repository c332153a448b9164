package dev.jbuild.context;

import dev.jbuild.linux.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/// The bytes of a file of the host, exactly as many as its entry says; its last read fails if the
/// file is no longer what the entry says.
final class CheckedFileStream extends InputStream {

  private final SourceEntry entry;
  private final OpenFile file;
  private long left;
  private boolean checked;

  CheckedFileStream(SourceEntry entry, OpenFile file) {
    this.entry = entry;
    this.file = file;
    this.left = entry.size();
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    int read = 0;
    if (left > 0 && length > 0) {
      read = file.read(into, offset, (int) Math.min(length, left));
      if (read <= 0) {
        throw HostFiles.changed(entry.path());
      }
      left -= read;
    }
    if (left == 0 && !checked) {
      HostFiles.check(entry, file);
      checked = true;
    }
    return read == 0 && length > 0 ? -1 : read;
  }

  @Override
  public void close() {
    file.close();
  }
}
