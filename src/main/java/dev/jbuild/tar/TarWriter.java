package dev.jbuild.tar;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes a tar whose every byte follows from its entries: layers are known by their hash.
///
/// What is written, and a change of which gives every layer another digest:
///
/// - Each entry has one ustar block: magic `ustar\0`, version `00`; numbers octal with a NUL behind
///   them, the checksum with a NUL and a blank; names of owners empty; device numbers only for
///   devices, zero bytes otherwise; names as bytes, unencoded.
/// - Directories end with a slash; the root is `./`. A name of over 100 bytes is split at the last
///   slash that leaves at most 155 bytes before it and 100 behind it.
/// - What does not fit goes into one PAX header before the block, and only then is there one:
///   `path` and `linkpath` (the block has their first 100 bytes), `size`, `uid`, `gid` and `mtime`
///   (the block has 0; a time before 1970 does not fit), `SCHILY.xattr.*` (names as GNU tar spells
///   them). Keys are sorted; the header is called `PaxHeaders.0/<last name>`, cut at 100 bytes, has
///   mode 0644 and no owner and time.
/// - Content is padded with zeros to 512 bytes; two zero blocks end the archive, nothing more.
///   There are no sparse files, no GNU headers, no times but mtime.
///
/// Small writes are gathered. The stream is never closed, and flushed only by [#finish]. For one
/// thread.
public final class TarWriter {

  private static final int BUFFER = 1 << 17;

  /// What is enough for a small tar: memory that is used for the first time takes its time.
  private static final int SMALL_BUFFER = 1 << 13;

  private static final int BLOCK = TarHeader.BLOCK;
  private static final long LARGEST_OCTAL_11 = (1L << 33) - 1;
  private static final long LARGEST_OCTAL_7 = (1L << 21) - 1;
  private static final byte[] ROOT = {'.', '/'};
  private static final byte[] MAGIC = "ustar\00000".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PAX_NAME = "PaxHeaders.0/".getBytes(StandardCharsets.US_ASCII);

  private final OutputStream out;
  private byte[] buffer = new byte[SMALL_BUFFER];
  private int filled;
  private long position;
  private long left;
  private int padding;
  private boolean finished;

  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /// How many bytes the tar has so far, those still held back included.
  public long position() {
    return position;
  }

  /// Writes the headers of an entry; exactly [TarEntry#size] bytes of content must follow.
  ///
  /// @return where the content begins
  /// @throws IllegalArgumentException if a tar cannot say what the entry says
  /// @throws IllegalStateException if content of the entry before is missing
  public long begin(TarEntry entry) throws IOException {
    endEntry();
    var name = nameOf(entry);
    var link = linkOf(entry);
    int slash = name.length <= HeaderField.NAME.length ? -1 : splitAt(name);
    var pax = extended(entry, name, link, slash);
    if (!pax.isEmpty()) {
      writeExtended(entry.path(), pax.toBytes());
    }
    int at = block();
    if (slash > 0) {
      field(at, HeaderField.PREFIX, name, 0, slash);
      field(at, HeaderField.NAME, name, slash + 1, name.length);
    } else {
      field(at, HeaderField.NAME, name, 0, name.length);
    }
    field(at, HeaderField.LINK_NAME, link, 0, link.length);
    number(at, HeaderField.MODE, entry.mode());
    number(at, HeaderField.UID, fitting(entry.uid(), LARGEST_OCTAL_7));
    number(at, HeaderField.GID, fitting(entry.gid(), LARGEST_OCTAL_7));
    number(at, HeaderField.SIZE, fitting(entry.size(), LARGEST_OCTAL_11));
    number(at, HeaderField.MTIME, fitting(entry.mtime(), LARGEST_OCTAL_11));
    if (isDevice(entry)) {
      number(at, HeaderField.MAJOR, entry.major());
      number(at, HeaderField.MINOR, entry.minor());
    }
    seal(at, flagOf(entry.type()));
    left = entry.size();
    padding = (int) (-left & (BLOCK - 1));
    return position;
  }

  /// Writes content of the current entry.
  ///
  /// @throws IllegalStateException if it is more than the entry has
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (length > left) {
      throw new IllegalStateException("more content than the entry has");
    }
    put(bytes, offset, length);
    left -= length;
  }

  /// Writes content of the current entry from `in`: as much as there is, and no more than the entry
  /// has.
  ///
  /// @return how much the entry still lacks, in bytes
  public long write(InputStream in) throws IOException {
    while (left > 0) {
      if (filled == BUFFER) {
        flushBuffer();
      }
      int most = (int) Math.min(left, BUFFER - filled);
      makeRoom(most);
      int count = in.read(buffer, filled, most);
      if (count < 0) {
        break;
      }
      filled += count;
      position += count;
      left -= count;
    }
    return left;
  }

  /// A stream into [#write]; closing it does nothing.
  public OutputStream content() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        TarWriter.this.write(bytes, offset, length);
      }
    };
  }

  /// Ends the archive and flushes the stream.
  ///
  /// @throws IllegalStateException if content of the last entry is missing
  public void finish() throws IOException {
    endEntry();
    finished = true;
    zeros(2 * BLOCK);
    flushBuffer();
    out.flush();
  }

  private void endEntry() throws IOException {
    if (finished) {
      throw new IllegalStateException("the tar is finished");
    }
    if (left > 0) {
      throw new IllegalStateException(left + " bytes of the content are missing");
    }
    zeros(padding);
    padding = 0;
  }

  private static byte[] nameOf(TarEntry entry) {
    var path = entry.path();
    if (!entry.isDirectory()) {
      if (path.isRoot()) {
        throw new IllegalArgumentException("only a directory can be the root");
      }
      return path.bytes();
    }
    if (path.isRoot()) {
      return ROOT;
    }
    var bytes = path.bytes();
    var name = Arrays.copyOf(bytes, bytes.length + 1);
    name[bytes.length] = '/';
    return name;
  }

  private static byte[] linkOf(TarEntry entry) {
    return switch (entry.type()) {
      case SYMLINK -> target(entry, entry.link());
      case HARDLINK -> target(entry, entry.hardLink().bytes());
      case FILE, DIRECTORY, CHARACTER, BLOCK, FIFO -> new byte[0];
    };
  }

  private static byte[] target(TarEntry entry, byte[] target) {
    boolean proper = target.length > 0;
    for (byte b : target) {
      proper &= b != 0;
    }
    if (!proper) {
      throw new IllegalArgumentException("no proper link target: " + entry.path().printable());
    }
    return target;
  }

  /// The slash at which a long name is split for the prefix field; -1 if there is none.
  private static int splitAt(byte[] name) {
    int at = Math.min(name.length - 2, HeaderField.PREFIX.length);
    while (at > 0 && name[at] != '/') {
      at--;
    }
    return at > 0 && name.length - at - 1 <= HeaderField.NAME.length ? at : -1;
  }

  private static PaxHeader extended(TarEntry entry, byte[] name, byte[] link, int slash) {
    var pax = new PaxHeader();
    if (name.length > HeaderField.NAME.length && slash < 0) {
      pax.put("path", name);
    }
    if (link.length > HeaderField.LINK_NAME.length) {
      pax.put("linkpath", link);
    }
    extended(pax, "size", entry.size(), LARGEST_OCTAL_11);
    extended(pax, "uid", entry.uid(), LARGEST_OCTAL_7);
    extended(pax, "gid", entry.gid(), LARGEST_OCTAL_7);
    extended(pax, "mtime", entry.mtime(), LARGEST_OCTAL_11);
    pax.xattrs(entry.xattrs());
    return pax;
  }

  private static void extended(PaxHeader pax, String key, long value, long largest) {
    if (value < 0 || value > largest) {
      pax.put(key, value);
    }
  }

  private static long fitting(long value, long largest) {
    return value < 0 || value > largest ? 0 : value;
  }

  private void writeExtended(ArchivePath path, byte[] records) throws IOException {
    int at = block();
    var last = path.name();
    var name = Arrays.copyOf(PAX_NAME, PAX_NAME.length + last.length);
    System.arraycopy(last, 0, name, PAX_NAME.length, last.length);
    field(at, HeaderField.NAME, name, 0, name.length);
    number(at, HeaderField.MODE, 0644);
    number(at, HeaderField.UID, 0);
    number(at, HeaderField.GID, 0);
    number(at, HeaderField.SIZE, records.length);
    number(at, HeaderField.MTIME, 0);
    seal(at, 'x');
    put(records, 0, records.length);
    zeros(-records.length & (BLOCK - 1));
  }

  private static boolean isDevice(TarEntry entry) {
    return entry.type() == TarEntry.Type.CHARACTER || entry.type() == TarEntry.Type.BLOCK;
  }

  private static char flagOf(TarEntry.Type type) {
    return switch (type) {
      case FILE -> '0';
      case HARDLINK -> '1';
      case SYMLINK -> '2';
      case CHARACTER -> '3';
      case BLOCK -> '4';
      case DIRECTORY -> '5';
      case FIFO -> '6';
    };
  }

  /// Takes one zeroed block of the buffer and says where it is.
  private int block() throws IOException {
    if (BUFFER - filled < BLOCK) {
      flushBuffer();
    }
    makeRoom(BLOCK);
    int at = filled;
    Arrays.fill(buffer, at, at + BLOCK, (byte) 0);
    filled += BLOCK;
    position += BLOCK;
    return at;
  }

  private void field(int block, HeaderField field, byte[] value, int from, int to) {
    int length = Math.min(to - from, field.length);
    System.arraycopy(value, from, buffer, block + field.start, length);
  }

  private void number(int block, HeaderField field, long value) {
    int at = block + field.start + field.length - 1;
    long rest = value;
    for (int i = 1; i < field.length; i++) {
      buffer[--at] = (byte) ('0' + (rest & 7));
      rest >>>= 3;
    }
    if (rest != 0) {
      throw new IllegalArgumentException("the " + field.label() + " does not fit: " + value);
    }
  }

  /// Fills in what all headers have, the checksum last.
  private void seal(int block, char flag) {
    buffer[block + HeaderField.TYPE.start] = (byte) flag;
    System.arraycopy(MAGIC, 0, buffer, block + HeaderField.MAGIC.start, MAGIC.length);
    int sum = ' ' * HeaderField.CHECKSUM.length;
    for (int i = block; i < block + BLOCK; i++) {
      sum += buffer[i] & 0xFF;
    }
    int at = block + HeaderField.CHECKSUM.start;
    for (int shift = 15; shift >= 0; shift -= 3) {
      buffer[at++] = (byte) ('0' + ((sum >> shift) & 7));
    }
    buffer[at + 1] = ' ';
  }

  private void zeros(int count) throws IOException {
    if (BUFFER - filled < count) {
      flushBuffer();
    }
    makeRoom(count);
    Arrays.fill(buffer, filled, filled + count, (byte) 0);
    filled += count;
    position += count;
  }

  /// Goes out in whole buffers, which need not be gathered again by who takes as much at a time.
  private void put(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int end = offset + length;
    while (end - at > BUFFER - filled) {
      int part = BUFFER - filled;
      makeRoom(part);
      System.arraycopy(bytes, at, buffer, filled, part);
      filled = BUFFER;
      flushBuffer();
      at += part;
    }
    makeRoom(end - at);
    System.arraycopy(bytes, at, buffer, filled, end - at);
    filled += end - at;
    position += length;
  }

  /// Has the buffer hold `count` bytes more, which is what it may become at most.
  private void makeRoom(int count) {
    if (buffer.length < filled + count) {
      buffer = Arrays.copyOf(buffer, BUFFER);
    }
  }

  private void flushBuffer() throws IOException {
    out.write(buffer, 0, filled);
    filled = 0;
  }
}
