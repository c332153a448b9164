package dev.jbuild.build;

import dev.jbuild.context.LaterFile;
import dev.jbuild.context.SourceEntry;
import dev.jbuild.context.SourceTree;
import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A tree that is made when somebody first asks it: a cached step asks nothing.
final class LazyTree implements SourceTree {

  /// Makes the tree.
  @FunctionalInterface
  interface Maker {
    SourceTree make() throws IOException;
  }

  private final Maker maker;
  private @Nullable SourceTree made;

  LazyTree(Maker maker) {
    this.maker = maker;
  }

  private synchronized SourceTree tree() throws IOException {
    var known = made;
    if (known == null) {
      known = maker.make();
      made = known;
    }
    return known;
  }

  @Override
  public Optional<SourceEntry> lookup(ArchivePath path) throws IOException {
    return tree().lookup(path);
  }

  @Override
  public List<SourceEntry> list(ArchivePath directory) throws IOException {
    return tree().list(directory);
  }

  @Override
  public synchronized LaterFile later(SourceEntry file) {
    return made == null ? SourceTree.super.later(file) : made.later(file);
  }

  @Override
  public Digest digest(SourceEntry file) throws IOException {
    return tree().digest(file);
  }

  @Override
  public InputStream open(SourceEntry file) throws IOException {
    return tree().open(file);
  }
}
