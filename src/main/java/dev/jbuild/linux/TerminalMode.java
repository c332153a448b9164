package dev.jbuild.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/// The settings of a terminal as they were when it was asked (termios(3)), to be changed for a
/// while and restored.
///
/// Safe for use by many threads.
public final class TerminalMode implements AutoCloseable {

  private static final int TCGETS = 0x5401;
  private static final int TCSETS = 0x5402;
  private static final int TIOCGWINSZ = 0x5413;

  /// struct termios of the kernel, not of libc: four masks of 32 bits, c_line, 19 characters.
  private static final int SIZE = 36;

  private static final int INPUT = 0;
  private static final int OUTPUT = 4;
  private static final int CONTROL = 8;
  private static final int LOCAL = 12;
  private static final int TIME = 16 + 1 + 5;
  private static final int MINIMUM = 16 + 1 + 6;

  // asm-generic/termbits.h
  private static final int BREAKS_AND_NEWLINES = 01 | 02 | 010 | 040 | 0100 | 0200 | 0400;
  private static final int IXON = 02000;
  private static final int IUTF8 = 040000;
  private static final int OPOST = 01;
  private static final int CSIZE_AND_PARENB = 060 | 0400;
  private static final int CS8 = 060;
  private static final int SIGNALS_LINES_AND_ECHO = 01 | 02 | 010 | 0100 | 0100000;

  private final int fd;
  private final byte[] before;
  private boolean isRaw; // guarded by this
  private boolean isClosed; // guarded by this

  private TerminalMode(int fd, byte[] before) {
    this.fd = fd;
    this.before = before;
  }

  /// The settings of the terminal on `fd` (0, 1, 2); empty if it is none.
  public static Optional<TerminalMode> of(int fd) {
    var scratch = Scratch.get();
    scratch.clearStruct();
    if (Kernel.call(SystemCall.IOCTL, fd, TCGETS, scratch.struct()) < 0) {
      return Optional.empty();
    }
    return Optional.of(new TerminalMode(fd, scratch.fromStruct(SIZE)));
  }

  /// Every key goes through as it is, and nothing is echoed, until [#close]; after it, nothing
  /// changes any more.
  public synchronized void makeRaw() throws IOException {
    if (isClosed) {
      return; // a signal that was handled late
    }
    var mode = before.clone();
    var raw = fields(mode);
    clear(raw, INPUT, BREAKS_AND_NEWLINES | IXON);
    clear(raw, OUTPUT, OPOST);
    clear(raw, CONTROL, CSIZE_AND_PARENB);
    set(raw, CONTROL, CS8);
    clear(raw, LOCAL, SIGNALS_LINES_AND_ECHO);
    raw.put(MINIMUM, (byte) 1).put(TIME, (byte) 0);
    isRaw = true;
    put(fd, mode);
  }

  /// How large the terminal is now.
  public WindowSize size() {
    var scratch = Scratch.get();
    scratch.clearStruct();
    Kernel.call(SystemCall.IOCTL, fd, TIOCGWINSZ, scratch.struct());
    return new WindowSize(scratch.getShort(0), scratch.getShort(2));
  }

  /// Lets erasing take whole characters, in terminals that gather lines.
  static void understandUtf8(int fd) throws LinuxException {
    var mode = of(fd);
    if (mode.isPresent()) {
      var changed = mode.get().before.clone();
      set(fields(changed), INPUT, IUTF8);
      put(fd, changed);
    }
  }

  private static ByteBuffer fields(byte[] mode) {
    return ByteBuffer.wrap(mode).order(ByteOrder.nativeOrder());
  }

  private static void clear(ByteBuffer mode, int offset, int bits) {
    mode.putInt(offset, mode.getInt(offset) & ~bits);
  }

  private static void set(ByteBuffer mode, int offset, int bits) {
    mode.putInt(offset, mode.getInt(offset) | bits);
  }

  private static void put(int fd, byte[] mode) throws LinuxException {
    var scratch = Scratch.get();
    scratch.clearStruct();
    scratch.toStruct(mode);
    Kernel.check(
        Kernel.call(SystemCall.IOCTL, fd, TCSETS, scratch.struct()),
        SystemCall.IOCTL,
        Where.of(new byte[0]));
  }

  /// Restores what was. A terminal that is gone needs nothing.
  @Override
  public synchronized void close() {
    isClosed = true;
    if (!isRaw) {
      return;
    }
    isRaw = false;
    var scratch = Scratch.get();
    scratch.clearStruct();
    scratch.toStruct(before);
    Kernel.call(SystemCall.IOCTL, fd, TCSETS, scratch.struct());
  }
}
