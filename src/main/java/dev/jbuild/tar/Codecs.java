package dev.jbuild.tar;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/// The streams of other people's codecs, apart from [Compression]: to check a class Java loads the
/// classes of what it makes, and each jar of which a snapshot has a class takes time at every start
/// (docs/decisions/0015-snapshot.md).
final class Codecs {

  private static final int BUFFER = 1 << 16;

  /// 2²⁷ bytes, what `zstd` takes unless told otherwise: a frame may ask for 2 GiB.
  private static final int ZSTD_WINDOW_LOG = 27;

  /// In bytes; what `xz -9` needs is half of it.
  static final int XZ_MEMORY = 128 << 20;

  private Codecs() {}

  static InputStream xz(InputStream in) throws IOException {
    return new XZInputStream(buffered(in), XZ_MEMORY >> 10);
  }

  static InputStream bzip2(InputStream in) throws IOException {
    return new BZip2CompressorInputStream(buffered(in), true);
  }

  private static InputStream buffered(InputStream in) {
    return new BufferedInputStream(in, BUFFER);
  }

  static InputStream zstd(InputStream in) throws IOException {
    var zstd = new ZstdInputStreamNoFinalizer(in);
    zstd.setLongMax(ZSTD_WINDOW_LOG);
    return zstd;
  }

  /// With at least one worker zstd cuts its input into jobs of a fixed size, whatever their number;
  /// without one it works in another way and gives other bytes.
  static OutputStream zstd(OutputStream out, int level, int threads) throws IOException {
    var zstd = new ZstdOutputStreamNoFinalizer(out, level);
    zstd.setChecksum(true);
    zstd.setWorkers(threads);
    return zstd;
  }
}
