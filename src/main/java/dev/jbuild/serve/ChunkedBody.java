package dev.jbuild.serve;

import java.io.IOException;
import java.io.InputStream;

/// A body in chunks (RFC 9112, 7.1). Extensions and trailers are read and dropped.
final class ChunkedBody extends RequestBody {

  private static final int LONGEST_LINE = 4096;
  private static final int MOST_DIGITS = 15;
  private static final int MOST_TRAILERS = 100;

  private final InputStream in;
  private long left;
  private boolean begun;
  private boolean ended;

  ChunkedBody(InputStream in) {
    this.in = in;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (left == 0 && !ended) {
      nextChunk();
    }
    if (ended) {
      return -1;
    }
    int count = in.read(into, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw new ClientGoneException("the body ends in a chunk");
    }
    left -= count;
    return count;
  }

  private void nextChunk() throws IOException {
    if (begun && !line().isEmpty()) {
      throw bad();
    }
    begun = true;
    var size = line();
    int semicolon = size.indexOf(';');
    var digits = (semicolon < 0 ? size : size.substring(0, semicolon)).strip();
    boolean hex =
        !digits.isEmpty()
            && digits.length() <= MOST_DIGITS
            && digits.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 0x80);
    if (!hex) {
      throw bad();
    }
    left = Long.parseLong(digits, 16);
    if (left == 0) {
      skipTrailers();
      ended = true;
    }
  }

  private void skipTrailers() throws IOException {
    for (int i = 0; i < MOST_TRAILERS; i++) {
      if (line().isEmpty()) {
        return;
      }
    }
    throw bad();
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    while (true) {
      int c = in.read();
      if (c < 0) {
        throw new ClientGoneException("the body ends between two chunks");
      }
      if (c == '\r') {
        if (in.read() != '\n') {
          throw bad();
        }
        return line.toString();
      }
      if (line.length() == LONGEST_LINE || c == '\n') {
        throw bad();
      }
      line.append((char) c);
    }
  }

  private static Refusal bad() {
    return Refusal.bad(ErrorCode.SIZE_INVALID, "the chunks of the body cannot be understood");
  }

  @Override
  boolean isConsumed() {
    return ended;
  }
}
