package dev.jbuild.serve;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/// `/v2/<name>/blobs/<digest>`.
final class BlobEndpoint {

  private static final int BUFFER = 64 << 10;

  private final Content content;

  BlobEndpoint(Content content) {
    this.content = content;
  }

  /// GET and HEAD.
  void get(Exchange exchange, RepositoryName repository, ContentDigest digest) throws IOException {
    try (var blob = content.blob(repository, digest).orElseThrow(() -> unknown(digest))) {
      var tag = "\"" + digest + "\"";
      exchange
          .field("Docker-Content-Digest", digest.toString())
          .field("ETag", tag)
          .field("Cache-Control", "max-age=31536000, immutable");
      if (exchange.headers().lists("If-None-Match", tag)) {
        exchange.reply(304);
        return;
      }
      exchange.field("Accept-Ranges", "bytes").field("Content-Type", "application/octet-stream");
      var range = range(exchange, tag, blob.size());
      if (range.isPresent()) {
        var part = range.get();
        exchange.field(
            "Content-Range", "bytes " + part.first() + "-" + part.last() + "/" + blob.size());
        send(blob.channel(), part, exchange.begin(206, part.length()), exchange.isHead());
      } else {
        var all = new ByteRange(0, blob.size() - 1);
        send(blob.channel(), all, exchange.begin(200, blob.size()), exchange.isHead());
      }
    }
  }

  private static Optional<ByteRange> range(Exchange exchange, String tag, long size) {
    var range = exchange.headers().first("Range");
    boolean other =
        exchange.headers().first("If-Range").filter(each -> !each.equals(tag)).isPresent();
    return range.isEmpty() || other ? Optional.empty() : ByteRange.parse(range.get(), size);
  }

  private static void send(FileChannel from, ByteRange range, OutputStream to, boolean head)
      throws IOException {
    if (head) {
      return;
    }
    var buffer = ByteBuffer.allocate((int) Math.min(BUFFER, Math.max(1, range.length())));
    long at = range.first();
    while (at <= range.last()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), range.last() - at + 1));
      int count = from.read(buffer, at);
      if (count < 0) {
        throw new IOException("a blob is shorter than it was");
      }
      to.write(buffer.array(), 0, count);
      at += count;
    }
  }

  void delete(Exchange exchange, RepositoryName repository, ContentDigest digest)
      throws IOException {
    if (!content.removeBlob(repository, digest)) {
      throw unknown(digest);
    }
    exchange.reply(202);
  }

  private static Refusal unknown(ContentDigest digest) {
    return Refusal.notFound(ErrorCode.BLOB_UNKNOWN, "the repository has no blob " + digest);
  }
}
