package dev.jbuild.context;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.FileType;
import org.jspecify.annotations.Nullable;

/// Which file of the host an entry was, at which moment: what tells that it is still the same.
///
/// The change time cannot be set by a program, so an edit that keeps size and modification time is
/// seen too (BuildKit's context transfer misses it).
final class LocalFile {

  private static final int NANO_DIGITS = 9;

  /// How many bytes [#writeTo] writes.
  static final int SIZE = 48;

  private final long size;
  private final long mtime;
  private final int mtimeNanos;
  private final long ctime;
  private final int ctimeNanos;
  private final long inode;
  private final long device;

  /// Whether it has no content and is not opened.
  private final boolean isSocket;

  /// Whether no earlier build knew it as it is.
  private boolean isNew;

  /// SHA-256 of the content once it is known; racing threads write the same.
  private volatile byte @Nullable [] hash;

  LocalFile(FileStat stat) {
    this(
        stat.size(),
        stat.mtime(),
        stat.mtimeNanos(),
        stat.ctime(),
        stat.ctimeNanos(),
        stat.inode(),
        stat.device(),
        stat.type() == FileType.SOCKET);
  }

  LocalFile(
      long size, long mtime, int mtimeNanos, long ctime, int ctimeNanos, long inode, long device) {
    this(size, mtime, mtimeNanos, ctime, ctimeNanos, inode, device, false);
  }

  private LocalFile(
      long size,
      long mtime,
      int mtimeNanos,
      long ctime,
      int ctimeNanos,
      long inode,
      long device,
      boolean isSocket) {
    this.size = size;
    this.mtime = mtime;
    this.mtimeNanos = mtimeNanos;
    this.ctime = ctime;
    this.ctimeNanos = ctimeNanos;
    this.inode = inode;
    this.device = device;
    this.isSocket = isSocket;
    this.hash = isSocket ? Digest.sha256().digest() : null;
  }

  boolean isSocket() {
    return isSocket;
  }

  long size() {
    return size;
  }

  boolean isNew() {
    return isNew;
  }

  /// Said before others see it.
  void setNew() {
    isNew = true;
  }

  byte @Nullable [] hash() {
    return hash;
  }

  void setHash(byte[] sha256) {
    hash = sha256;
  }

  /// Whether `other` is this very file, unchanged.
  boolean isSame(LocalFile other) {
    return size == other.size
        && mtime == other.mtime
        && mtimeNanos == other.mtimeNanos
        && ctime == other.ctime
        && ctimeNanos == other.ctimeNanos
        && inode == other.inode
        && device == other.device;
  }

  /// Whether what [#writeTo] wrote at `at` is this very file, unchanged.
  boolean isAt(byte[] bytes, int at) {
    return size == number(bytes, at, 8)
        && mtime == number(bytes, at + 8, 8)
        && mtimeNanos == number(bytes, at + 16, 4)
        && ctime == number(bytes, at + 20, 8)
        && ctimeNanos == number(bytes, at + 28, 4)
        && inode == number(bytes, at + 32, 8)
        && device == number(bytes, at + 40, 8);
  }

  /// A number of so many bytes, big-endian. Of a buffer that takes twenty calls where it is not
  /// aligned, as long as that is not compiled.
  private static long number(byte[] bytes, int at, int length) {
    long number = 0;
    for (int i = at; i < at + length; i++) {
      number = number << 8 | (bytes[i] & 0xFF);
    }
    return number;
  }

  /// Whether a change after `millis`, on the clock of the host, must show in the times of the file.
  /// Without this rule a second edit within one tick of the clock would go unseen (git calls such
  /// entries racy).
  boolean isOlderThan(long millis) {
    return latest(mtime, mtimeNanos) < millis && latest(ctime, ctimeNanos) < millis;
  }

  /// The latest moment that a time stamp may stand for: a kernel tick is up to 10 ms, and a file
  /// system that shows no fraction counts whole seconds, or two.
  private static long latest(long seconds, int nanos) {
    return seconds * 1000 + (nanos == 0 ? 2_000 : nanos / 1_000_000 + 100);
  }

  /// Whether both are on one file system.
  boolean isBeside(LocalFile other) {
    return device == other.device;
  }

  /// Whether its times have no sign.
  boolean isAfter1970() {
    return mtime >= 0 && ctime >= 0;
  }

  /// Writes a line as stat(1) does, see [Evidence#stats].
  ///
  /// @return where the next begins
  int print(byte[] text, int start) {
    int at = printNumber(text, start, inode, 1);
    text[at++] = ' ';
    at = printNumber(text, at, size, 1);
    text[at++] = ' ';
    at = printTime(text, at, mtime, mtimeNanos);
    text[at++] = ' ';
    at = printTime(text, at, ctime, ctimeNanos);
    text[at++] = '\n';
    return at;
  }

  private static int printTime(byte[] text, int start, long seconds, int nanos) {
    int at = printNumber(text, start, seconds, 1);
    text[at++] = '.';
    return printNumber(text, at, nanos, NANO_DIGITS);
  }

  /// @param least how many digits there are at least
  private static int printNumber(byte[] text, int start, long number, int least) {
    int digits = 1;
    for (long rest = number; rest > 9; rest /= 10) {
      digits++;
    }
    int end = start + Math.max(digits, least);
    long rest = number;
    for (int at = end - 1; at >= start; at--) {
      text[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return end;
  }

  void writeTo(ByteSink out) {
    out.putLong(size);
    out.putLong(mtime);
    out.putInt(mtimeNanos);
    out.putLong(ctime);
    out.putInt(ctimeNanos);
    out.putLong(inode);
    out.putLong(device);
  }
}
