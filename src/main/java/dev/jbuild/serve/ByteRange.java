package dev.jbuild.serve;

import java.util.Optional;

/// A part of a blob: from `first` to `last`, both in it.
record ByteRange(long first, long last) {

  private static final int MOST_DIGITS = 18;

  long length() {
    return last - first + 1;
  }

  /// What a Range field (RFC 9110, 14.2) means for content of `size` bytes. Several ranges, other
  /// units and what is no range at all mean nothing: then all of it is sent.
  ///
  /// @throws Refusal (416) if nothing of the content is in the range
  static Optional<ByteRange> parse(String field, long size) {
    var text = field.strip();
    if (!text.startsWith("bytes=") || text.indexOf(',') >= 0) {
      return Optional.empty();
    }
    var range = text.substring("bytes=".length()).strip();
    int dash = range.indexOf('-');
    if (dash < 0) {
      return Optional.empty();
    }
    var first = number(range.substring(0, dash));
    var last = number(range.substring(dash + 1));
    boolean suffix = range.substring(0, dash).isEmpty();
    boolean open = range.substring(dash + 1).isEmpty();
    if ((first.isEmpty() && !suffix) || (last.isEmpty() && !open) || (suffix && open)) {
      return Optional.empty();
    }
    var found =
        suffix
            ? new ByteRange(Math.max(0, size - last.orElseThrow()), size - 1)
            : new ByteRange(first.orElseThrow(), Math.min(last.orElse(size - 1), size - 1));
    if (found.first() >= size || found.first() > found.last()) {
      throw Refusal.of(416, ErrorCode.SIZE_INVALID, "the blob has " + size + " bytes")
          .with("Content-Range", "bytes */" + size);
    }
    return Optional.of(found);
  }

  /// The part that a chunk of an upload is: `<first>-<last>`, as the specification writes it.
  ///
  /// @throws Refusal if it is none
  static ByteRange ofChunk(String field) {
    var text = field.startsWith("bytes ") ? field.substring("bytes ".length()) : field;
    int slash = text.indexOf('/');
    var range = (slash < 0 ? text : text.substring(0, slash)).strip();
    int dash = range.indexOf('-');
    var first = number(dash < 0 ? "" : range.substring(0, dash));
    var last = number(dash < 0 ? "" : range.substring(dash + 1));
    if (first.isEmpty() || last.isEmpty() || first.get() > last.get()) {
      throw Refusal.bad(
          ErrorCode.BLOB_UPLOAD_INVALID, "Content-Range of a chunk is FIRST-LAST, both in it");
    }
    return new ByteRange(first.get(), last.get());
  }

  private static Optional<Long> number(String digits) {
    boolean number =
        !digits.isEmpty()
            && digits.length() <= MOST_DIGITS
            && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return number ? Optional.of(Long.parseLong(digits)) : Optional.empty();
  }
}
