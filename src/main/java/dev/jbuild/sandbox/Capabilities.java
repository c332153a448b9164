package dev.jbuild.sandbox;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The standard 14 capabilities of a container (linux/capability.h has the numbers).
///
/// In a user namespace they hold only towards what belongs to it.
final class Capabilities {

  private static final int[] STANDARD = {
    0, // CHOWN
    1, // DAC_OVERRIDE
    3, // FOWNER
    4, // FSETID
    5, // KILL
    6, // SETGID
    7, // SETUID
    8, // SETPCAP
    10, // NET_BIND_SERVICE
    13, // NET_RAW
    18, // SYS_CHROOT
    27, // MKNOD
    29, // AUDIT_WRITE
    31, // SETFCAP
  };

  private Capabilities() {}

  /// Bit n stands for capability n.
  static long standard() {
    long mask = 0;
    for (int capability : STANDARD) {
      mask |= 1L << capability;
    }
    return mask;
  }

  /// Those of the standard ones that a step can get.
  static long available() throws IOException {
    return standard() & permitted();
  }

  /// All that this process could pass on: in a container it may have few.
  static long permitted() throws IOException {
    return read("CapPrm:");
  }

  /// All that a program which this process executes could ever get.
  static long bounding() throws IOException {
    return read("CapBnd:");
  }

  private static long read(String key) throws IOException {
    for (var line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(key)) {
        return Long.parseUnsignedLong(line.substring(key.length()).strip(), 16);
      }
    }
    throw new IOException("/proc/self/status tells no capabilities");
  }

  /// Whether a process that holds these may install a filter without giving up set-user-ID
  /// programs: CAP_SYS_ADMIN.
  static boolean mayFilter(long held) {
    return (held & 1L << 21) != 0;
  }

  /// Whether a process that holds these may make device nodes: CAP_MKNOD.
  static boolean mayMakeDevices(long held) {
    return (held & 1L << 27) != 0;
  }

  /// The highest capability that this kernel knows. Files below /proc/sys give their content to the
  /// first read(2) only, so that one must be large enough (Files.readString asks for one byte).
  static int last() throws IOException {
    try (var file = Files.newInputStream(Path.of("/proc/sys/kernel/cap_last_cap"))) {
      return Integer.parseInt(new String(file.readNBytes(64), US_ASCII).strip());
    }
  }
}
