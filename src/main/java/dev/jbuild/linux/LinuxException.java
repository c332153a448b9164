package dev.jbuild.linux;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A system call that failed: which, on what, why.
public final class LinuxException extends IOException {

  private final String call;
  private final Errno errno;

  /// @param subject what the call was about, printable; may be empty
  LinuxException(String call, String subject, int number) {
    super(
        (subject.isEmpty() ? "" : subject + ": ")
            + Errno.of(number).text()
            + (Errno.of(number) == Errno.OTHER ? " " + number : "")
            + " ("
            + call
            + ")");
    this.call = call;
    this.errno = Errno.of(number);
  }

  /// @param reason instead of the error's own text
  LinuxException(String call, String subject, Errno errno, String reason) {
    super(subject + ": " + reason + " (" + call + ")");
    this.call = call;
    this.errno = errno;
  }

  /// The system call, as its manual page is called.
  public String call() {
    return call;
  }

  /// Why.
  public Errno errno() {
    return errno;
  }

  /// The same as Java's own file system would say it, for callers that may meet either.
  public FileSystemException about(Path file) {
    var same =
        switch (errno) {
          case ENOENT -> new NoSuchFileException(file.toString());
          case EACCES -> new AccessDeniedException(file.toString());
          default -> new FileSystemException(file.toString(), null, errno.text());
        };
    same.initCause(this);
    return same;
  }

  /// Whether this is why.
  public boolean is(Errno wanted) {
    return errno == wanted;
  }
}
