package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Programs for a step whose image has none: the machine's own busybox, if that needs no library.
final class DebugTools {

  private static final String NAME = "busybox";
  private static final int HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int NEEDS_INTERPRETER = 3; // PT_INTERP

  private DebugTools() {}

  /// Puts busybox and its names into a new directory.
  ///
  /// @param parent of jbuild's own
  /// @throws BuildFailure if the machine has none that could be used
  static Path gather(Path parent, Map<String, String> environment)
      throws IOException, InterruptedException {
    var found = find(environment);
    if (found.isEmpty()) {
      throw BuildFailure.of(
              BuildFailure.Kind.SANDBOX,
              "--with-tools needs a busybox without libraries on this machine, and there is none")
          .hint("install one: apt install busybox-static");
    }
    var open = PosixFilePermissions.fromString("rwxr-xr-x");
    var directory = Files.createTempDirectory(parent, "tools");
    Files.setPosixFilePermissions(directory, open);
    var busybox = Files.copy(found.get(), directory.resolve(NAME));
    Files.setPosixFilePermissions(busybox, open);
    for (var name : names(busybox)) {
      if (!name.equals(NAME)) {
        Files.createSymbolicLink(directory.resolve(name), Path.of(NAME));
      }
    }
    return directory;
  }

  private static Optional<Path> find(Map<String, String> environment) throws IOException {
    var path = environment.getOrDefault("PATH", "") + ":/usr/bin:/bin:/usr/local/bin";
    for (var directory : path.split(":", -1)) {
      for (var name : List.of(NAME, "busybox.static")) {
        var file = Path.of(directory).resolve(name);
        if (file.isAbsolute() && Files.isExecutable(file) && isStatic(file)) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }

  /// Whether it is an ELF program of 64 bits that asks for no interpreter.
  private static boolean isStatic(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      var header = ByteBuffer.wrap(in.readNBytes(HEADER)).order(ByteOrder.LITTLE_ENDIAN);
      if (header.capacity() < HEADER || header.getInt(0) != 0x464C_457F || header.get(4) != 2) {
        return false;
      }
      int count = Short.toUnsignedInt(header.getShort(56));
      in.skipNBytes(Math.max(0, header.getLong(32) - HEADER));
      for (int i = 0; i < count; i++) {
        var program = ByteBuffer.wrap(in.readNBytes(PROGRAM_HEADER)).order(ByteOrder.LITTLE_ENDIAN);
        if (program.capacity() < PROGRAM_HEADER || program.getInt(0) == NEEDS_INTERPRETER) {
          return false;
        }
      }
      return count > 0;
    }
  }

  /// As which programs it can be called: one component each, whatever it prints.
  private static List<String> names(Path busybox) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(busybox.toString(), "--list")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.getOutputStream().close();
    var list = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    process.waitFor();
    return Stream.concat(Stream.of("sh"), list.lines().map(String::strip))
        .filter(name -> name.matches("[A-Za-z0-9_\\[.+-]+") && !name.startsWith("."))
        .distinct()
        .toList();
  }
}
