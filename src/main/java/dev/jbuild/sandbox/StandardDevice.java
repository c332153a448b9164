package dev.jbuild.sandbox;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// The devices that every step has. Their numbers are the same on every Linux.
enum StandardDevice {
  NULL(1, 3),
  ZERO(1, 5),
  FULL(1, 7),
  RANDOM(1, 8),
  URANDOM(1, 9),
  TTY(5, 0);

  /// Their names below /dev.
  static final List<String> NAMES = Stream.of(values()).map(StandardDevice::text).toList();

  private final int major;
  private final int minor;

  StandardDevice(int major, int minor) {
    this.major = major;
    this.minor = minor;
  }

  static StandardDevice named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  int major() {
    return major;
  }

  int minor() {
    return minor;
  }

  /// As mknod(2) has it; both are small.
  long number() {
    return ((long) major << 8) | minor;
  }
}
