package dev.jbuild.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Files of jbuild's own and of /proc, which are read whole, as every command does with some.
/// `java.nio.file.Files` does the same, and its channels take a start longer to make ready than to
/// read.
public final class SmallFile {

  private SmallFile() {}

  /// All of its bytes. Links are followed. What is no regular file is not waited for.
  ///
  /// @throws java.nio.file.NoSuchFileException if there is none
  /// @throws java.nio.file.FileSystemException if it is a directory, or cannot be read
  public static byte[] bytes(Path path) throws IOException {
    var name = Where.bytes(path);
    var where = Where.of(name);
    try (var file =
        new OpenFile(Opening.at(Opening.AT_FDCWD, name, Opening.READ, 0, where), where)) {
      return file.inputStream().readAllBytes();
    } catch (LinuxException e) {
      throw e.about(path);
    }
  }

  /// The same as text, a character for a byte (ISO 8859-1).
  public static String text(Path path) throws IOException {
    return new String(bytes(path), StandardCharsets.ISO_8859_1);
  }
}
