package dev.jbuild.tar;

import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;

/// The plain side of a decompressor: whatever the codec throws comes out as one kind of exception,
/// and what it expands to is held against the limits.
///
/// A failure is final: every later read fails in the same way. Closing gives back what the codec
/// holds; the compressed stream stays open.
final class ExpandedInput extends InputStream {

  /// Makes the decoder, which may already read.
  @FunctionalInterface
  interface Codec {
    InputStream open(CompressedInput compressed) throws IOException;
  }

  private final String format;
  private final CompressedInput compressed;
  private final TarLimits limits;
  private final Codec codec;
  private @Nullable InputStream plain;
  private @Nullable IOException failure;
  private long count;

  ExpandedInput(String format, InputStream compressed, TarLimits limits, Codec codec) {
    this.format = format;
    this.compressed = new CompressedInput(compressed);
    this.limits = limits;
    this.codec = codec;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (failure != null) {
      throw failure;
    }
    try {
      int n = opened().read(into, offset, length);
      count += Math.max(0, n);
      requireNoBomb();
      return n;
    } catch (IOException e) {
      throw failed(e);
    } catch (RuntimeException e) {
      // decoders that we did not write meet damaged input with whatever their arrays throw
      throw failed(new IOException(e));
    } catch (LinkageError e) {
      throw failed(new IOException("the " + format + " library cannot be loaded: " + e, e));
    }
  }

  private InputStream opened() throws IOException {
    var known = plain;
    if (known == null) {
      known = codec.open(compressed);
      plain = known;
    }
    return known;
  }

  private void requireNoBomb() throws TarFormatException {
    long most = limits.freeExpansion() + limits.ratio() * compressed.count();
    if (count > Math.min(limits.maxExpanded(), most)) {
      throw new TarFormatException(
          "the "
              + format
              + " stream expands beyond what is accepted: "
              + compressed.count()
              + " bytes became more than "
              + count);
    }
  }

  /// What a reader is told: a failure below as it is, one of the format with where it happened.
  private IOException failed(IOException e) {
    var below = compressed.failure();
    boolean asItIs = e instanceof TarFormatException || e instanceof InterruptedIOException;
    var told = below != null ? below : asItIs ? e : damaged(e);
    failure = told;
    return told;
  }

  private TarFormatException damaged(IOException e) {
    return new TarFormatException(
        "the "
            + format
            + " stream is damaged or truncated, before byte "
            + compressed.count()
            + " of it: "
            + Printable.of(String.valueOf(e.getMessage())),
        e);
  }

  @Override
  public void close() throws IOException {
    failure = new IOException("the stream is closed");
    if (plain != null) {
      plain.close();
    }
  }
}
