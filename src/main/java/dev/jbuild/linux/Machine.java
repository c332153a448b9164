package dev.jbuild.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// What the process is and runs on.
public final class Machine {

  private static final String[] ALL_IDS = {"0", "0", "4294967295"};

  /// asm-generic/ioctls.h, equal on x86-64 and aarch64.
  private static final int TCGETS = 0x5401;

  private static final int TIOCGWINSZ = 0x5413;

  private Machine() {}

  /// Why jbuild cannot run on this machine, in one line; empty if it can. To be asked before
  /// anything else of this package, which only works where this is empty.
  public static Optional<String> refusal() {
    try {
      Processor.current();
      return Optional.empty();
    } catch (UnsupportedOperationException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /// The effective user ID: 0 also inside the launcher's user namespace.
  public static int uid() {
    return (int) Kernel.call(SystemCall.GETEUID);
  }

  /// The effective group ID.
  public static int gid() {
    return (int) Kernel.call(SystemCall.GETEGID);
  }

  /// Ends the process, all of its threads, now: nothing that Java would do at its end is done.
  public static void exit(int code) {
    Kernel.call(SystemCall.EXIT_GROUP, code);
  }

  /// Whether the process is in a user namespace other than the machine's first one
  /// (/proc/self/uid_map is not the identity over all ids).
  public static boolean inUserNamespace() {
    return UserNamespace.IS_OWN;
  }

  /// Asked once: a process with threads cannot change it.
  private static final class UserNamespace {
    static final boolean IS_OWN = read();

    private static boolean read() {
      try {
        var map = SmallFile.text(Path.of("/proc/self/uid_map")).strip().split("\\s+");
        return !Arrays.equals(map, ALL_IDS);
      } catch (NoSuchFileException e) {
        return false; // a kernel without user namespaces
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /// The process ID.
  public static long pid() {
    return Kernel.call(SystemCall.GETPID);
  }

  /// Whether `fd` (0, 1, 2) is a terminal.
  public static boolean isTerminal(int fd) {
    return Kernel.call(SystemCall.IOCTL, fd, TCGETS, Scratch.get().struct()) >= 0;
  }

  /// Columns of the terminal on `fd`; 0 if it is none.
  public static int terminalColumns(int fd) {
    var scratch = Scratch.get();
    long result = Kernel.call(SystemCall.IOCTL, fd, TIOCGWINSZ, scratch.struct());
    return result < 0 ? 0 : scratch.getShort(2); // struct winsize: rows, columns
  }
}
