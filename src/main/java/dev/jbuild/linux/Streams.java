package dev.jbuild.linux;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// Streams over what is read and written by system calls: unbuffered, and closing them closes
/// nothing.
final class Streams {

  private Streams() {}

  /// As [InputStream#read(byte[],int,int)].
  @FunctionalInterface
  interface Source {
    int read(byte[] into, int offset, int length) throws IOException;
  }

  /// As [OutputStream#write(byte[],int,int)].
  @FunctionalInterface
  interface Target {
    void write(byte[] from, int offset, int length) throws IOException;
  }

  static InputStream from(Source source) {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        return source.read(into, offset, length);
      }
    };
  }

  static OutputStream to(Target target) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] from, int offset, int length) throws IOException {
        target.write(from, offset, length);
      }
    };
  }
}
