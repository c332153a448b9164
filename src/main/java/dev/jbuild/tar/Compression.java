package dev.jbuild.tar;

import java.io.ByteArrayInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;

/// How an archive is compressed; told by its first bytes, never by a name or a media type.
///
/// No stream that is made here closes the one below: closing gives back what the codec holds, and
/// ends what is compressed.
public enum Compression {
  NONE(""),
  GZIP("\u001F\u008B"),
  ZSTD("(\u00B5/\u00FD"),
  XZ("\u00FD7zXZ\0"),
  BZIP2("BZh");

  /// How many bytes [#detect] wants to see.
  public static final int MAGIC_LENGTH = 6;

  private static final int ZSTD_LEVEL = 1;
  private static final int ZSTD_HIGHEST = 22;
  private static final int GZIP_HIGHEST = 9;

  private static final List<String> XZ_PROGRAM = List.of("xz", "-dc");
  private static final List<String> BZIP2_PROGRAM = List.of("bzip2", "-dc");

  /// The first bytes of such a stream, one character each.
  private final String magic;

  Compression(String magic) {
    this.magic = magic;
  }

  /// What `head`, the first bytes of a stream, says; [#NONE] if it says nothing.
  public static Compression detect(byte[] head) {
    var start =
        new String(head, 0, Math.min(head.length, MAGIC_LENGTH), StandardCharsets.ISO_8859_1);
    for (var each : values()) {
      if (each != NONE && start.startsWith(each.magic)) {
        return each;
      }
    }
    return NONE;
  }

  /// The plain bytes of `in`, whatever it is compressed with, if at all; one level only.
  public static InputStream decompressAny(InputStream in, TarLimits limits) throws IOException {
    var head = in.readNBytes(MAGIC_LENGTH);
    var whole = new SequenceInputStream(new ByteArrayInputStream(head), in);
    return detect(head).decompress(whole, limits);
  }

  /// The same, read and decompressed on a second core while the first does something with them.
  /// Closing waits for that; `in` may be closed only afterwards.
  public static InputStream decompressAhead(InputStream in, TarLimits limits) throws IOException {
    return AheadInput.of(decompressAny(in, limits));
  }

  /// The plain bytes of a stream compressed in this way.
  ///
  /// Several streams one after the other are one, as for the programs of these formats. Damage of
  /// any kind, an end before the end, memory or a size beyond the limits is a [TarFormatException]
  /// from `read`.
  public InputStream decompress(InputStream in, TarLimits limits) {
    return switch (this) {
      case NONE -> new ExpandedInput("plain", in, limits, plain -> plain);
      case GZIP -> new ExpandedInput("gzip", in, limits, GzipInput::new);
      case ZSTD -> new ExpandedInput("zstd", in, limits, Codecs::zstd);
      case XZ ->
          new ExpandedInput("xz", in, limits, xz -> ProgramInput.open(xz, XZ_PROGRAM, Codecs::xz));
      case BZIP2 ->
          new ExpandedInput(
              "bzip2", in, limits, bz -> ProgramInput.open(bz, BZIP2_PROGRAM, Codecs::bzip2));
    };
  }

  /// A stream that writes what it is given to `out`, compressed; the bytes are the same on any
  /// number of threads, and by whatever pieces they are written.
  ///
  /// Closing ends the compressed stream and leaves `out` open. gzip: [Deflate], without a name and
  /// a time. zstd: level 2, with checksums.
  ///
  /// @param threads at least one
  /// @throws UnsupportedOperationException for XZ and BZIP2, which are read only
  public OutputStream compress(OutputStream out, int threads) throws IOException {
    return compress(out, OptionalInt.empty(), threads);
  }

  /// The same at another level.
  ///
  /// @param level one that [#hasLevel], or none for the usual one
  public OutputStream compress(OutputStream out, OptionalInt level, int threads)
      throws IOException {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads);
    }
    if (level.isPresent() && !hasLevel(level.getAsInt())) {
      throw new IllegalArgumentException("level: " + level.getAsInt());
    }
    return switch (this) {
      case NONE -> new Unclosed(out);
      case GZIP -> new ParallelGzip(out, level, threads);
      case ZSTD -> Codecs.zstd(new Unclosed(out), level.orElse(ZSTD_LEVEL), threads);
      case XZ, BZIP2 -> throw new UnsupportedOperationException(this + " is read only");
    };
  }

  /// Whether it can be compressed at this level: gzip from 0 to 9, zstd from 1 to 22, others at
  /// none.
  public boolean hasLevel(int level) {
    return switch (this) {
      case GZIP -> level >= 0 && level <= GZIP_HIGHEST;
      case ZSTD -> level >= 1 && level <= ZSTD_HIGHEST;
      case NONE, XZ, BZIP2 -> false;
    };
  }

  /// What the bytes that [#compress] makes depend on: gzip's on the zlib inside the JDK. Where they
  /// change the number here has to: stores remember what layers were compressed to.
  ///
  /// @param level as for [#compress]
  public String how(OptionalInt level) {
    var atLevel = level.isPresent() ? " " + level.getAsInt() : "";
    return this + atLevel + " jbuild-4 " + Runtime.version();
  }

  /// Passes everything on but `close`.
  private static final class Unclosed extends FilterOutputStream {

    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
