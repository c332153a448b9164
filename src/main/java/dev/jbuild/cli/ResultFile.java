package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file that a person asked for beside the result, as `--iidfile` does.
final class ResultFile {

  private ResultFile() {}

  static void write(String file, String content) throws IOException {
    write(file, Utf8.encode(content));
  }

  /// Writes it anew.
  ///
  /// @throws BuildFailure that names the file if its disk is full, which need not be the store's
  /// @throws FileSystemException that names it if it cannot be opened
  static void write(String file, byte[] content) throws IOException {
    try {
      Files.write(Path.of(file), content);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.STORE, "cannot write " + Printable.of(file + ": " + e.getMessage()), e);
    }
  }
}
