package dev.jbuild.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// An open-file-description lock on a whole file (fcntl F_OFD_SETLK), close-on-exec.
///
/// Held until closed or until the process dies, whatever else the process opens and closes on the
/// file (`java.nio`'s lock is lost when any other channel on the file is closed). Two locks of one
/// process exclude each other like those of two processes. Closing is safe from any thread.
public final class FileLock implements AutoCloseable {

  private static final int F_OFD_SETLK = 37;
  private static final int F_OFD_SETLKW = 38;
  private static final int F_RDLCK = 0;
  private static final int F_WRLCK = 1;
  private static final int OWNER_ONLY = 0600;

  private final Opened file;

  private FileLock(Opened file) {
    this.file = file;
  }

  /// Waits for a shared lock; makes the file (0600) if it is missing.
  public static FileLock shared(Path file) throws IOException {
    return lock(file, F_RDLCK, F_OFD_SETLKW).orElseThrow();
  }

  /// A shared lock, or nothing at once if somebody holds an exclusive one.
  public static Optional<FileLock> tryShared(Path file) throws IOException {
    return lock(file, F_RDLCK, F_OFD_SETLK);
  }

  /// Waits for an exclusive lock; makes the file (0600) if it is missing.
  public static FileLock exclusive(Path file) throws IOException {
    return lock(file, F_WRLCK, F_OFD_SETLKW).orElseThrow();
  }

  /// An exclusive lock, or nothing at once if somebody holds one.
  public static Optional<FileLock> tryExclusive(Path file) throws IOException {
    return lock(file, F_WRLCK, F_OFD_SETLK);
  }

  private static Optional<FileLock> lock(Path path, int type, int command) throws LinuxException {
    var bytes = Where.bytes(path);
    var where = Where.of(bytes);
    int flags = Opening.READ_WRITE | Opening.CREATE;
    var file = new Opened(Opening.at(Opening.AT_FDCWD, bytes, flags, OWNER_ONLY, where), where);
    try {
      // struct flock: l_type and l_whence; start 0 and length 0 are the whole file.
      var scratch = Scratch.get();
      scratch.clearStruct();
      scratch.putShort(0, type);
      long result = Kernel.call(SystemCall.FCNTL, file.number(), command, scratch.struct());
      boolean held = Kernel.is(result, Errno.EAGAIN) || Kernel.is(result, Errno.EACCES);
      if (held && command == F_OFD_SETLK) {
        file.close();
        return Optional.empty();
      }
      file.check(result, SystemCall.FCNTL);
      return Optional.of(new FileLock(file));
    } catch (LinuxException failure) {
      file.close();
      throw failure;
    }
  }

  /// Puts `text` at the beginning of the file, as a note for who looks at it. Nothing is promised,
  /// as on a full disk.
  public void note(byte[] text) {
    var scratch = Scratch.get();
    Kernel.call(SystemCall.PWRITE64, file.number(), scratch.buffer(text), text.length, 0);
  }

  /// Unlocks. The file stays.
  @Override
  public void close() {
    file.close();
  }
}
