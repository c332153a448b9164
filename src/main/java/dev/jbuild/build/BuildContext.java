package dev.jbuild.build;

import dev.jbuild.context.Evidence;
import dev.jbuild.context.LocalContext;
import dev.jbuild.context.MemoryTree;
import dev.jbuild.context.SourceTree;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A build context, open: the files that COPY sees, and what has to be done when the build is over.
public final class BuildContext implements AutoCloseable {

  private final String name;
  private final SourceTree tree;
  private final Optional<LocalContext> local;
  private final Optional<byte[]> dockerfile;
  private final OptionalLong time;

  private BuildContext(
      String name,
      SourceTree tree,
      Optional<LocalContext> local,
      Optional<byte[]> dockerfile,
      OptionalLong time) {
    this.name = name;
    this.tree = tree;
    this.local = local;
    this.dockerfile = dockerfile;
    this.time = time;
  }

  /// A directory of the host; it is closed with the context.
  public static BuildContext of(LocalContext directory, String name) {
    return new BuildContext(
        name, directory.tree(), Optional.of(directory), Optional.empty(), OptionalLong.empty());
  }

  static BuildContext of(SourceTree tree, String name) {
    return new BuildContext(name, tree, Optional.empty(), Optional.empty(), OptionalLong.empty());
  }

  /// A Dockerfile without any files.
  static BuildContext ofDockerfile(byte[] text, String name) {
    return new BuildContext(
        name,
        new MemoryTree(List.of()),
        Optional.empty(),
        Optional.of(text.clone()),
        OptionalLong.empty());
  }

  /// The same, known to be of this time, in seconds since the epoch.
  BuildContext at(long seconds) {
    return new BuildContext(name, tree, local, dockerfile, OptionalLong.of(seconds));
  }

  /// The time that the context as a whole has, in seconds since the epoch: of a commit, of a file
  /// on a server that says it.
  public OptionalLong time() {
    return time;
  }

  /// What it is called in the store's record of last builds: the same for the same context.
  public String name() {
    return name;
  }

  /// What COPY sees. Valid until the context is closed.
  public SourceTree tree() {
    return tree;
  }

  /// The text of the Dockerfile, if the context is nothing but one.
  public Optional<byte[]> dockerfile() {
    return dockerfile.map(byte[]::clone);
  }

  /// Begins to list a directory as a whole, beside what else is done: a COPY of all of it may come
  /// soon. If it comes late, or never, this was for nothing. Other contexts have nothing to list.
  public void listAhead() {
    if (local.isPresent()) {
      local.get().listAhead();
    }
  }

  /// By what it is told later that a build would see the same, if it is a directory of which that
  /// can be told ([LocalContext#evidence]).
  public Optional<Evidence> evidence() throws IOException {
    return local.isPresent() ? local.get().evidence() : Optional.empty();
  }

  /// A sentence for everything that could not be in the context.
  public List<String> warnings() {
    return local.map(directory -> directory.tree().warnings()).orElse(List.of());
  }

  /// Keeps what was learned about the files, also if the build failed.
  public void finish() throws IOException {
    if (local.isPresent()) {
      local.get().tree().save();
    }
  }

  @Override
  public void close() {
    local.ifPresent(LocalContext::close);
  }
}
