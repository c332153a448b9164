package dev.jbuild.linux;

import java.util.Locale;

/// The processors whose system call tables jbuild knows.
enum Processor {
  X86_64(0200000, 0400000),
  AARCH64(040000, 0100000);

  private final int directoryFlag;
  private final int noFollowFlag;

  Processor(int directoryFlag, int noFollowFlag) {
    this.directoryFlag = directoryFlag;
    this.noFollowFlag = noFollowFlag;
  }

  /// O_DIRECTORY, which arm64 numbers differently (asm/fcntl.h).
  int directoryFlag() {
    return directoryFlag;
  }

  /// O_NOFOLLOW, likewise.
  int noFollowFlag() {
    return noFollowFlag;
  }

  /// As `uname -m` calls it.
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The one that this JVM runs on.
  ///
  /// @throws UnsupportedOperationException as [#of]
  static Processor current() {
    return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
  }

  /// The processor called so by the system property `os.arch`.
  ///
  /// @param system the system property `os.name`
  /// @throws UnsupportedOperationException on any other processor or operating system
  static Processor of(String system, String processor) {
    return switch (system + " " + processor) {
      case "Linux amd64", "Linux x86_64" -> X86_64;
      case "Linux aarch64" -> AARCH64;
      default ->
          throw new UnsupportedOperationException(
              "jbuild runs on Linux on x86-64 and aarch64, not on " + system + " " + processor);
    };
  }
}
