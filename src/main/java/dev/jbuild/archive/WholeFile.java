package dev.jbuild.archive;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.Machine;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// A file that appears under its name only when it is whole.
final class WholeFile {

  private static final int BUFFER = 1 << 16;

  private WholeFile() {}

  /// Writes the content of a file.
  interface Content<T> {
    T write(OutputStream out) throws IOException;
  }

  /// Writes `file` through a neighbour that takes its name at the end; on failure the neighbour is
  /// gone and an older `file` still there. A device or pipe is written straight.
  static <T> T write(Path file, Content<T> content) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      try (var out = named(Files.newOutputStream(file), file)) {
        return content.write(out);
      }
    }
    var target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    var neighbour = target.resolveSibling(".jbuild-" + Machine.pid() + "-" + System.nanoTime());
    try {
      T result;
      try (var out = named(create(neighbour, target), target)) {
        result = content.write(out);
      }
      Files.move(neighbour, target, StandardCopyOption.ATOMIC_MOVE);
      return result;
    } finally {
      Files.deleteIfExists(neighbour);
    }
  }

  /// A full disk is told as one where `target` is: the content comes from a store, which has a disk
  /// of its own.
  private static OutputStream named(OutputStream out, Path target) {
    return new BufferedOutputStream(
        new FilterOutputStream(out) {
          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
              out.write(bytes, offset, length);
            } catch (ClosedChannelException e) {
              throw e; // the build was cancelled
            } catch (IOException e) {
              throw failure(target, Printable.of(String.valueOf(e.getMessage())), e)
                  .hint("make room there, or write it to another place");
            }
          }
        },
        BUFFER);
  }

  /// @throws BuildFailure that names `target`, whose directory it is that cannot be written
  private static OutputStream create(Path neighbour, Path target) throws IOException {
    try {
      return Files.newOutputStream(
          neighbour, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (NoSuchFileException e) {
      throw failure(target, "its directory does not exist", e);
    } catch (AccessDeniedException e) {
      throw failure(target, "no permission in its directory", e);
    }
  }

  private static BuildFailure failure(Path target, String why, IOException cause) {
    return BuildFailure.of(
        BuildFailure.Kind.STORE,
        "cannot write " + Printable.of(target.toString()) + ": " + why,
        cause);
  }
}
