package dev.jbuild.tar;

import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Reads a tar made by anyone, in one pass and in bounded memory.
///
/// Knows ustar and V7 headers, PAX headers (`x`, `g`), GNU long names, base-256 numbers and all GNU
/// sparse files. What readers are known to disagree on is refused rather than guessed, so that no
/// one sees other entries in an archive than we do (CVE-2025-62518): two headers that name an
/// entry, sizes of entries that have no content, a lone zero block, types that we do not know. The
/// size in a PAX header wins; a hard link has no content, as with GNU tar.
///
/// Every problem is a [TarFormatException] with its offset, a cut-off archive as well. Names that
/// come twice are the caller's business. The stream is read to its end, past the two zero blocks
/// and whatever follows (a diff ID covers it), and is never closed. For one thread.
public final class TarReader {

  /// As far as times go: the year 36,812 and as far back.
  private static final long FARTHEST_TIME = 1L << 40;

  /// 2³²−1 is the id that chown takes for "leave it".
  private static final long LARGEST_ID = 0xFFFF_FFFEL;

  private static final int LARGEST_MAJOR = (1 << 12) - 1;
  private static final int LARGEST_MINOR = (1 << 20) - 1;
  private static final byte[] NO_LINK = {};

  private final TarInput input;
  private final TarLimits limits;
  private final TarHeader header = new TarHeader();
  private final PaxRecords global;
  private final TarNaming naming;
  private final SparseFiles sparseFiles;
  private EntryContent content;
  private PaxRecords pax;
  private String label = "";
  private long padding;
  private long headerOffset;
  private long contentOffset;
  private long entries;
  private long extensions;
  private boolean ended;
  private boolean broken;

  /// @param plainTar not compressed; see [Compression]
  public TarReader(InputStream plainTar, TarLimits limits) {
    this.input = new TarInput(plainTar);
    this.limits = limits;
    this.global = PaxRecords.global(limits);
    this.pax = global;
    this.naming = new TarNaming(limits);
    this.sparseFiles = new SparseFiles(input, header, limits);
    this.content = new EntryContent(input, 0, 0, null);
  }

  /// Whether a file that begins with `firstBlock` is a tar: a header that adds up, of a type that
  /// we read. A block of zeros is an empty tar to a reader, but says nothing of what a file is.
  public static boolean looksLikeTar(byte[] firstBlock) {
    if (firstBlock.length < TarHeader.BLOCK) {
      return false;
    }
    var header = new TarHeader();
    header.lay(firstBlock, 0, 0);
    return !header.isZero()
        && header.checksumMatches()
        && "\u000001234567SLKxg".indexOf(header.type()) >= 0;
  }

  /// Goes on to the next entry, past what is left of the current content; null at the end.
  public @Nullable TarEntry next() throws IOException {
    if (broken) {
      throw new IOException("the tar could not be read before");
    }
    if (ended) {
      return null;
    }
    broken = true;
    var entry = advance();
    broken = false;
    return entry;
  }

  private @Nullable TarEntry advance() throws IOException {
    input.pass(content.end() + padding);
    padding = 0;
    pax = global;
    naming.reset();
    headerOffset = input.position();
    while (true) {
      if (!input.next(header)) {
        throw TarFormatException.at(input.position(), endedEarly());
      }
      if (header.isZero()) {
        end();
        return null;
      }
      requireChecksum();
      switch (header.type()) {
        case 'x' -> ownRecords();
        case 'g' -> globalRecords();
        case 'L' -> naming.longName(extension(), headerOffset);
        case 'K' -> naming.longLink(extension(), headerOffset);
        default -> {
          return entry();
        }
      }
    }
  }

  private String endedEarly() {
    return input.position() == 0
        ? "not a tar: there are no bytes"
        : "the tar is truncated: its closing zero blocks are missing";
  }

  private void requireChecksum() throws TarFormatException {
    if (!header.checksumMatches()) {
      long at = header.offset();
      throw TarFormatException.at(
          at, at == 0 ? "not a tar: the first block is no header" : "a header's checksum is wrong");
    }
  }

  /// Two zero blocks end an archive; GNU tar takes one at the very end of the stream as well.
  private void end() throws IOException {
    if (pax != global || !naming.isEmpty()) {
      throw TarFormatException.at(headerOffset, "an extended header without an entry");
    }
    if (input.next(header) && !header.isZero()) {
      throw TarFormatException.at(header.offset(), "a lone zero block before an entry");
    }
    input.drain();
    ended = true;
  }

  private void ownRecords() throws IOException {
    if (pax != global) {
      throw TarFormatException.at(header.offset(), "two extended headers for one entry");
    }
    long offset = header.offset() + TarHeader.BLOCK;
    var records = extension();
    pax = global.forEntry();
    pax.parse(records, offset);
  }

  private void globalRecords() throws IOException {
    if (pax != global || !naming.isEmpty()) {
      throw TarFormatException.at(
          header.offset(), "a global header between an extended header and its entry");
    }
    long offset = header.offset() + TarHeader.BLOCK;
    global.parse(extension(), offset);
    headerOffset = input.position();
  }

  /// The content of a header that speaks of another.
  private byte[] extension() throws IOException {
    countEntry();
    long size = header.number(HeaderField.SIZE, 0, Long.MAX_VALUE);
    extensions += Math.min(size, limits.maxExtension());
    if (size > limits.maxExtension() || extensions > limits.maxExtensions()) {
      throw TarFormatException.at(
          header.offset(), "an extended header of " + size + " bytes is more than is accepted");
    }
    var bytes = input.bytes((int) size);
    input.pass(paddingOf(size));
    return bytes;
  }

  private void countEntry() throws TarFormatException {
    if (++entries > limits.maxEntries()) {
      throw TarFormatException.at(
          header.offset(), "the tar has more than " + limits.maxEntries() + " entries");
    }
  }

  private TarEntry entry() throws IOException {
    countEntry();
    label = Printable.of(header.name());
    long offset = header.offset();
    try {
      var rawPath = naming.path(header, pax);
      label = Printable.of(rawPath);
      return described(rawPath);
    } catch (IllegalArgumentException e) {
      throw TarFormatException.at(offset, "entry \"" + label + "\": " + e.getMessage());
    }
  }

  /// Makes the entry; [IllegalArgumentException] (also [NumberFormatException]) says what is wrong.
  private TarEntry described(byte[] rawPath) throws IOException {
    var type = type(header.type(), rawPath);
    var path = ArchivePath.of(rawPath);
    if (path.isRoot() && type != TarEntry.Type.DIRECTORY) {
      // CVE-2021-29136: a link that takes the root's place
      throw new IllegalArgumentException("only a directory can be the root");
    }
    int mode = (int) header.number(HeaderField.MODE, 0, Long.MAX_VALUE) & 07777;
    long uid = id(pax.uid(), HeaderField.UID);
    long gid = id(pax.gid(), HeaderField.GID);
    long mtime = mtime();
    boolean device = type == TarEntry.Type.CHARACTER || type == TarEntry.Type.BLOCK;
    int major = device ? (int) header.number(HeaderField.MAJOR, 0, LARGEST_MAJOR) : 0;
    int minor = device ? (int) header.number(HeaderField.MINOR, 0, LARGEST_MINOR) : 0;
    var link = type == TarEntry.Type.SYMLINK ? naming.target(header, pax) : NO_LINK;
    var hardLink = type == TarEntry.Type.HARDLINK ? hardLink(path) : ArchivePath.ROOT;
    var xattrs = pax.xattrs();
    long size = open(type);
    return new TarEntry(
        path, type, mode, uid, gid, size, mtime, link, hardLink, major, minor, xattrs);
  }

  /// Old programs wrote directories as files whose name ends with a slash.
  private static TarEntry.Type type(char flag, byte[] rawPath) {
    return switch (flag) {
      case '\0', '0', '7' ->
          rawPath.length > 0 && rawPath[rawPath.length - 1] == '/'
              ? TarEntry.Type.DIRECTORY
              : TarEntry.Type.FILE;
      case 'S' -> TarEntry.Type.FILE;
      case '1' -> TarEntry.Type.HARDLINK;
      case '2' -> TarEntry.Type.SYMLINK;
      case '3' -> TarEntry.Type.CHARACTER;
      case '4' -> TarEntry.Type.BLOCK;
      case '5' -> TarEntry.Type.DIRECTORY;
      case '6' -> TarEntry.Type.FIFO;
      default ->
          throw new IllegalArgumentException(
              "the type '" + Printable.of(String.valueOf(flag)) + "' is not supported");
    };
  }

  private long id(long fromPax, HeaderField field) throws TarFormatException {
    if (fromPax == PaxRecords.UNSET) {
      return header.number(field, 0, LARGEST_ID);
    }
    if (fromPax > LARGEST_ID) {
      throw new IllegalArgumentException(field.label() + " " + fromPax + " is out of range");
    }
    return fromPax;
  }

  private long mtime() throws TarFormatException {
    long own = pax.mtime();
    if (own == PaxRecords.UNSET) {
      return header.number(HeaderField.MTIME, -FARTHEST_TIME, FARTHEST_TIME);
    }
    if (own < -FARTHEST_TIME || own > FARTHEST_TIME) {
      throw new IllegalArgumentException("mtime " + own + " is out of range");
    }
    return own;
  }

  private ArchivePath hardLink(ArchivePath path) {
    var target = ArchivePath.of(naming.target(header, pax));
    if (target.isRoot() || target.equals(path)) {
      throw new IllegalArgumentException("a hard link to \"" + target.printable() + "\" cannot be");
    }
    return target;
  }

  /// Makes the content ready and says how long it is. The header is not valid after this.
  private long open(TarEntry.Type type) throws IOException {
    long declared =
        pax.size() == PaxRecords.UNSET && type != TarEntry.Type.HARDLINK
            ? header.number(HeaderField.SIZE, 0, limits.maxContent())
            : Math.max(0, pax.size());
    var sparse = pax.sparse();
    if (type != TarEntry.Type.FILE && (declared > 0 || sparse != null)) {
      throw new IllegalArgumentException("content where there can be none");
    }
    padding = paddingOf(declared);
    if (sparse != null || header.type() == 'S') {
      contentOffset = -1;
      content = sparseFiles.open(sparse, declared);
      return content.size();
    }
    if (declared > limits.maxContent()) {
      throw new IllegalArgumentException(declared + " bytes are more than is accepted");
    }
    contentOffset = input.position();
    content = new EntryContent(input, declared, declared, null);
    return declared;
  }

  /// The content of the current entry, of exactly its size; empty unless it is a regular file.
  ///
  /// Always the same stream for one entry; reading from it fails once [#next] was called. Closing
  /// it does nothing.
  public InputStream content() {
    return content;
  }

  /// Where the headers of the current entry begin, its extended headers included.
  public long headerOffset() {
    return headerOffset;
  }

  /// Where the content of the current entry begins in the plain tar; -1 for a sparse file, whose
  /// bytes do not stand there in one piece.
  public long contentOffset() {
    return contentOffset;
  }

  private static long paddingOf(long size) {
    return -size & (TarHeader.BLOCK - 1);
  }
}
