package dev.jbuild.archive;

import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/// The tar around a layout: first the files that say what is in it, then the blobs.
final class LayoutTar {

  private LayoutTar() {}

  /// @param files written first, in this order
  static void write(OutputStream out, Map<String, byte[]> files, Outgoing outgoing, long mtime)
      throws IOException {
    var tar = new TarWriter(out);
    for (var file : files.entrySet()) {
      tar.begin(file(file.getKey(), file.getValue().length, mtime));
      tar.write(file.getValue(), 0, file.getValue().length);
    }
    tar.begin(directory(LayoutFiles.BLOBS, mtime));
    tar.begin(directory(LayoutFiles.SHA256, mtime));
    for (var document : outgoing.documents()) {
      write(tar, document, outgoing, mtime);
    }
    for (var layer : outgoing.layers()) {
      write(tar, layer, outgoing, mtime);
    }
    tar.finish();
    out.flush();
  }

  private static void write(TarWriter tar, OutgoingBlob blob, Outgoing outgoing, long mtime)
      throws IOException {
    var descriptor = blob.descriptor();
    tar.begin(file(LayoutFiles.blob(descriptor.digest()), descriptor.size(), mtime));
    blob.writeTo(tar.content(), outgoing.store().blobs());
  }

  private static TarEntry file(String name, long size, long mtime) {
    return TarEntry.file(ArchivePath.of(name), 0644, 0, 0, size, mtime);
  }

  private static TarEntry directory(String name, long mtime) {
    return TarEntry.directory(ArchivePath.of(name), 0755, 0, 0, mtime);
  }
}
