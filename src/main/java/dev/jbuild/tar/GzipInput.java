package dev.jbuild.tar;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Reads gzip (RFC 1952), any number of members one after the other as `zcat` does.
///
/// Checks header, CRC and length of each. Zeros may follow the last member (tapes, block devices);
/// anything else there is an error, as is an end before the end. Messages have the offset in the
/// compressed stream.
final class GzipInput extends InputStream {

  private static final int BUFFER = 1 << 16;
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xE0;

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private int start;
  private int end;
  private long taken;
  private boolean inMember;
  private boolean first = true;
  private boolean ended;

  GzipInput(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!ended) {
      if (!inMember) {
        beginMember();
      } else {
        int n = inflate(into, offset, length);
        if (n > 0) {
          return n;
        }
      }
    }
    return -1;
  }

  /// Inflates what is there; 0 if the member ended or more input is needed.
  private int inflate(byte[] into, int offset, int length) throws IOException {
    if (inflater.needsInput()) {
      if (start == end && !fill()) {
        throw bad("is truncated");
      }
      inflater.setInput(buffer, start, end - start);
      start = end;
    }
    try {
      int n = inflater.inflate(into, offset, length);
      crc.update(into, offset, n);
      if (inflater.finished()) {
        start = end - inflater.getRemaining();
        endMember();
      } else if (n == 0 && inflater.needsDictionary()) {
        throw bad("needs a dictionary");
      }
      return n;
    } catch (DataFormatException e) {
      start = end - inflater.getRemaining();
      var problem = e.getMessage();
      throw bad(problem == null ? "is damaged" : "is damaged: " + problem);
    }
  }

  private void endMember() throws IOException {
    long sum = crc.getValue(); // before the trailer itself goes through it
    if (little(4) != sum) {
      throw bad("has a wrong checksum");
    }
    if (little(4) != (inflater.getBytesWritten() & 0xFFFF_FFFFL)) {
      throw bad("has a wrong length");
    }
    inMember = false;
  }

  private void beginMember() throws IOException {
    if (!first && (start == end && !fill())) {
      ended = true;
      return;
    }
    if (!first && buffer[start] == 0) {
      zerosToTheEnd();
      return;
    }
    crc.reset();
    if (take() != 0x1F || take() != 0x8B) {
      throw bad(first ? "has no gzip header" : "has garbage behind its last member");
    }
    first = false;
    header();
    crc.reset();
    inflater.reset();
    inMember = true;
  }

  private void header() throws IOException {
    if (take() != 8) {
      throw bad("is not deflated");
    }
    int flags = take();
    if ((flags & RESERVED) != 0) {
      throw bad("has reserved flags");
    }
    for (int i = 0; i < 6; i++) {
      take(); // time, extra flags, operating system
    }
    if ((flags & EXTRA) != 0) {
      for (long left = little(2); left > 0; left--) {
        take();
      }
    }
    if ((flags & NAME) != 0) {
      passText();
    }
    if ((flags & COMMENT) != 0) {
      passText();
    }
    if ((flags & HEADER_CRC) != 0) {
      long sum = crc.getValue() & 0xFFFF;
      if (little(2) != sum) {
        throw bad("has a wrong header checksum");
      }
    }
  }

  private void passText() throws IOException {
    for (int c = take(); c != 0; c = take()) {
      // nobody asks for it
    }
  }

  private void zerosToTheEnd() throws IOException {
    while (start < end || fill()) {
      if (buffer[start++] != 0) {
        throw bad("has garbage behind its last member");
      }
    }
    ended = true;
  }

  private long little(int bytes) throws IOException {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) take() << (8 * i);
    }
    return value;
  }

  private int take() throws IOException {
    if (start == end && !fill()) {
      throw bad("is truncated");
    }
    int b = buffer[start++] & 0xFF;
    crc.update(b);
    return b;
  }

  private boolean fill() throws IOException {
    int n = in.read(buffer);
    start = 0;
    end = Math.max(0, n);
    taken += end;
    return n > 0;
  }

  private TarFormatException bad(String problem) {
    long offset = taken - (end - start);
    return new TarFormatException("the gzip stream " + problem + " (at its byte " + offset + ")");
  }

  @Override
  public void close() {
    inflater.end();
  }
}
