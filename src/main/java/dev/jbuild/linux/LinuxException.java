package dev.jbuild.linux;

import java.io.IOException;

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

  /// Whether this is why.
  public boolean is(Errno wanted) {
    return errno == wanted;
  }
}
