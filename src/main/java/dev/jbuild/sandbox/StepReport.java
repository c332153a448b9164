package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/// What [StepProgram] told about a step: calls that failed, and how the step ended.
final class StepReport {

  private static final int EPERM = 1;
  private static final int ENOENT = 2;
  private static final int E2BIG = 7;
  private static final int ENOEXEC = 8;
  private static final int ENOTDIR = 20;
  private static final int ELOOP = 40;
  private static final int CLD_EXITED = 1;

  /// Directories that no WORKDIR can make.
  private static final Pattern KERNELS = Pattern.compile(" /(proc|sys|dev)(/|$)");

  private final StepSpec step;
  private final StartCalls calls;
  private final List<CallTable.Failure> failures = new ArrayList<>();
  private OptionalInt waitStatus = OptionalInt.empty();

  /// @param bytes pairs of 64-bit numbers, see [CallTable]; an incomplete one at the end is left
  ///     out
  StepReport(StepSpec step, StartCalls calls, byte[] bytes) {
    this.step = step;
    this.calls = calls;
    var report = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (report.remaining() >= 16) {
      long record = report.getLong();
      long answer = report.getLong();
      if (record == 0) {
        waitStatus = OptionalInt.of((int) answer);
      } else if (record == CallTable.SIGNAL_INFORMATION) {
        waitStatus = OptionalInt.of(waitStatus(report));
      } else {
        failures.add(calls.table().failure(record, answer));
      }
    }
  }

  /// From the rest of a siginfo_t as waitid(2) fills it, its first 8 bytes gone: si_code, padding,
  /// si_pid, si_uid, si_status.
  private static int waitStatus(ByteBuffer information) {
    int code = information.getInt();
    information.position(information.position() + 12);
    int status = information.getInt();
    information.getInt();
    return code == CLD_EXITED ? (status & 0xFF) << 8 : status & 0x7F;
  }

  /// @throws BuildFailure if the step's process was not reached, naming the call that failed
  ExitStatus status() {
    for (var failure : failures) {
      if (failure.isFatal()) {
        throw failed(failure);
      }
    }
    var executions =
        failures.stream().filter(failure -> failure.call() == SystemCall.EXECVE).toList();
    if (executions.size() == calls.candidates().size()) {
      return notExecuted(executions);
    }
    if (waitStatus.isEmpty()) {
      throw BuildFailure.of(
          BuildFailure.Kind.SANDBOX, "the process that watches over the step was killed");
    }
    return ExitStatus.ofWait(waitStatus.getAsInt());
  }

  private static BuildFailure failed(CallTable.Failure failure) {
    var call = failure.call().name().toLowerCase(Locale.ROOT);
    var message =
        "the sandbox failed at "
            + failure.about()
            + ": "
            + text(failure.errno())
            + " ("
            + call
            + ")";
    var whole = BuildFailure.of(BuildFailure.Kind.SANDBOX, message);
    var hint = hint(failure);
    return hint.isEmpty() ? whole : whole.hint(hint);
  }

  private static String hint(CallTable.Failure failure) {
    int errno = failure.errno();
    return switch (failure.call()) {
      case CLONE -> "jbuild doctor tells what this machine lacks for namespaces";
      case MOUNT ->
          failure.about().endsWith("/proc") && errno == EPERM
              ? "a container that hides parts of /proc does not let jbuild mount another one"
              : "";
      case OPENAT2 ->
          errno == ELOOP
              ? "it is a symbolic link in the image, which could lead anywhere"
              : errno == ENOENT && failure.about().startsWith("opening the mount point")
                  ? "the mount that it lies in does not have it, and cannot be written to"
                  : "";
      case PRLIMIT64 -> errno == EPERM ? "no limit can be raised above jbuild's own" : "";
      case CHDIR ->
          errno != ENOENT
              ? ""
              : KERNELS.matcher(failure.about()).find()
                  ? "what is in /proc, /sys and /dev is the kernel's: choose another WORKDIR"
                  : "WORKDIR makes it";
      default -> "";
    };
  }

  /// The program was nowhere, or could not be executed where it was.
  private ExitStatus notExecuted(List<CallTable.Failure> executions) {
    var program = Printable.of(step.argv().getFirst());
    for (var failure : executions) {
      int errno = failure.errno();
      if (errno != ENOENT && errno != ENOTDIR) {
        var reason = program + ": " + cannot(errno);
        return errno == ENOEXEC
            ? ExitStatus.ofForeign(reason)
            : ExitStatus.notStarted(ExitStatus.NOT_EXECUTABLE, reason);
      }
    }
    boolean isPath = step.argv().getFirst().contains("/");
    var where =
        isPath
            ? ": not in the image, or its interpreter is not"
            : ": not found in the image's PATH";
    return ExitStatus.notStarted(ExitStatus.NOT_FOUND, program + where);
  }

  private String cannot(int errno) {
    return switch (errno) {
      case ENOEXEC -> "not a program for this machine, and without #! (exec format error)";
      case E2BIG -> "arguments and environment are too large, most of all " + largest();
      default -> text(errno);
    };
  }

  /// The argument or variable that takes most room; its value is not shown, it may be a secret.
  private String largest() {
    var largest = "the arguments";
    int size = step.argv().stream().mapToInt(String::length).max().orElse(0);
    for (var variable : step.environment()) {
      if (variable.length() > size) {
        size = variable.length();
        largest = "the variable " + Printable.of(variable.split("=", 2)[0]);
      }
    }
    return largest + " (" + size + " characters)";
  }

  private static String text(int errno) {
    return switch (errno) {
      case EPERM -> Errno.EPERM.text();
      case ENOENT -> Errno.ENOENT.text();
      case 12 -> Errno.ENOMEM.text();
      case 13 -> Errno.EACCES.text();
      case 16 -> Errno.EBUSY.text();
      case 19 -> Errno.ENODEV.text();
      case ENOTDIR -> Errno.ENOTDIR.text();
      case 22 -> Errno.EINVAL.text();
      case 28 -> Errno.ENOSPC.text();
      case 38 -> Errno.ENOSYS.text();
      case ELOOP -> Errno.ELOOP.text();
      default -> Errno.OTHER.text() + " " + errno;
    };
  }
}
