package dev.jbuild.serve;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What this machine calls itself, asked of the kernel: no name service is.
final class HostName {

  private static final Path KERNEL = Path.of("/proc/sys/kernel/hostname");

  private HostName() {}

  static String get() {
    try {
      return Files.readString(KERNEL, StandardCharsets.ISO_8859_1).strip();
    } catch (IOException e) {
      return "localhost";
    }
  }
}
