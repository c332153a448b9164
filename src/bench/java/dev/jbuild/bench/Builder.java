package dev.jbuild.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// One of the builders that are compared. Commands that are timed are returned; what only prepares
/// is done.
sealed interface Builder extends AutoCloseable permits Jbuild, Buildah, Docker {

  /// As the table shows it.
  String name();

  /// Name and version as the builder tells them.
  String version() throws IOException, InterruptedException;

  List<String> versionCommand();

  /// Makes the base image `base:1` from a root file system; all scenarios but S1 begin with it.
  void base(Path tar) throws IOException, InterruptedException;

  List<List<String>> importTar(Path tar, String image);

  /// Whether there is an image of this name.
  boolean has(String image) throws InterruptedException;

  /// @param cached whether earlier steps may be used again
  List<String> build(Path context, String image, boolean cached);

  /// Writes an image into an OCI archive with plain layers where the builder can.
  List<String> archive(String image, Path file) throws IOException;

  /// @param zstd instead of gzip
  List<String> push(String image, String destination, boolean zstd);

  List<String> pull(String image);

  /// Removes an image and what only it needs, as far as the builder does that.
  void remove(String image) throws IOException, InterruptedException;

  /// Bytes on disk of all that the builder keeps.
  long diskBytes() throws IOException, InterruptedException;

  /// Processes that work for it and are no children of its commands.
  List<Long> daemons();

  /// Empties everything, base image included.
  void reset() throws IOException, InterruptedException;

  @Override
  void close() throws IOException, InterruptedException;
}
