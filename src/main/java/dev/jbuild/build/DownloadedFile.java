package dev.jbuild.build;

import dev.jbuild.context.SourceEntry;
import dev.jbuild.context.SourceTree;
import dev.jbuild.image.Digest;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/// A tree of one file, which lies in the store as a blob: what a URL gave.
final class DownloadedFile implements SourceTree {

  private static final int MODE = 0600;

  private final Store store;
  private final Digest digest;
  private final SourceEntry root;
  private final SourceEntry file;

  DownloadedFile(Store store, String name, Digest digest, long size, long mtime) {
    this.store = store;
    this.digest = digest;
    this.root = SourceEntry.directory(ArchivePath.ROOT, 0755, mtime);
    this.file = SourceEntry.file(ArchivePath.of(name), MODE, size, mtime, digest);
  }

  @Override
  public Optional<SourceEntry> lookup(ArchivePath path) {
    return path.isRoot()
        ? Optional.of(root)
        : path.equals(file.path()) ? Optional.of(file) : Optional.empty();
  }

  @Override
  public List<SourceEntry> list(ArchivePath directory) {
    return directory.isRoot() ? List.of(file) : List.of();
  }

  @Override
  public Digest digest(SourceEntry entry) {
    return digest;
  }

  @Override
  public InputStream open(SourceEntry entry) throws IOException {
    return store.blobs().open(digest);
  }
}
