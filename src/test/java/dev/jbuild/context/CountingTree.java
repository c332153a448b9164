package dev.jbuild.context;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A tree that notes which directories it was asked for.
final class CountingTree implements SourceTree {

  final List<String> listed = new ArrayList<>();
  private final SourceTree tree;

  CountingTree(SourceTree tree) {
    this.tree = tree;
  }

  @Override
  public Optional<SourceEntry> lookup(ArchivePath path) throws IOException {
    return tree.lookup(path);
  }

  @Override
  public List<SourceEntry> list(ArchivePath directory) throws IOException {
    listed.add(directory.toString());
    return tree.list(directory);
  }

  @Override
  public Digest digest(SourceEntry file) throws IOException {
    return tree.digest(file);
  }

  @Override
  public InputStream open(SourceEntry file) throws IOException {
    return tree.open(file);
  }
}
