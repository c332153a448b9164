package dev.jbuild.linux;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/// A pseudo-terminal: what programs write to their side (the slave) is read here, and what is
/// written here is typed there (pty(7)).
///
/// Our own hold on the slave keeps the end from coming before [#releaseSlave] or [#close], however
/// often others open and close it.
public final class PseudoTerminal implements AutoCloseable {

  // asm-generic/ioctls.h, equal on x86-64 and aarch64.
  private static final int TIOCSWINSZ = 0x5414;
  private static final int TIOCGPTN = 0x8004_5430;
  private static final int TIOCSPTLCK = 0x4004_5431;
  private static final int TIOCGPTPEER = 0x5441;

  private static final int O_NOCTTY = 0400;
  private static final int O_CLOEXEC = 02000000;

  private final Opened master;
  private final Opened slave;
  private final int number;

  private PseudoTerminal(Opened master, Opened slave, int number) {
    this.master = master;
    this.slave = slave;
    this.number = number;
  }

  /// Makes one.
  ///
  /// @param instance a directory on which devpts is mounted ([Mounts#terminals]); `/dev/pts` is
  ///     that of the machine
  public static PseudoTerminal open(Path instance) throws IOException {
    var path = Where.bytes(instance.resolve("ptmx"));
    var where = Where.of(path);
    var master =
        new Opened(Opening.at(Opening.AT_FDCWD, path, Opening.READ_WRITE, 0, where), where);
    try {
      var scratch = Scratch.get();
      scratch.clearStruct(); // 0: unlocked
      control(master, TIOCSPTLCK, scratch.struct());
      control(master, TIOCGPTN, scratch.struct());
      int number = scratch.getInt(0);
      int flags = Opening.READ_WRITE | O_NOCTTY | O_CLOEXEC;
      var slave = new Opened(control(master, TIOCGPTPEER, flags), where);
      TerminalMode.understandUtf8(slave.number());
      return new PseudoTerminal(master, slave, number);
    } catch (IOException e) {
      master.close();
      throw e;
    }
  }

  private static long control(Opened master, int request, long argument) throws LinuxException {
    long mask = 0xFFFF_FFFFL; // requests are unsigned
    return master.check(
        Kernel.call(SystemCall.IOCTL, master.number(), request & mask, argument), SystemCall.IOCTL);
  }

  /// Under which name the slave lies in the devpts: `0`.
  public int number() {
    return number;
  }

  /// Tells how large it is; whoever runs in the foreground of it gets SIGWINCH if that changed.
  public void resize(WindowSize size) throws IOException {
    var scratch = Scratch.get();
    scratch.clearStruct(); // struct winsize: rows, columns, and pixels, which nobody knows
    scratch.putShort(0, size.rows());
    scratch.putShort(2, size.columns());
    control(master, TIOCSWINSZ, scratch.struct());
  }

  /// The settings of the slave as they are now.
  TerminalMode mode() {
    return TerminalMode.of(slave.number()).orElseThrow();
  }

  /// What is written to the slave; ends when nobody has it open any more and all was read. Closing
  /// the stream leaves the terminal open.
  public InputStream output() {
    return new NonBlocking(master).inputStream();
  }

  /// What is typed. Closing the stream leaves the terminal open.
  public OutputStream keyboard() {
    return new NonBlocking(master).outputStream();
  }

  /// Lets the end of [#output] come when others have closed the slave.
  public void releaseSlave() {
    slave.close();
  }

  /// Closes both sides; whoever still uses the slave gets SIGHUP.
  @Override
  public void close() {
    slave.close();
    master.close();
  }
}
