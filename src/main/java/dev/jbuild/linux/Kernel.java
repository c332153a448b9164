package dev.jbuild.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The one door to the kernel: libc's `syscall(2)`.
///
/// One signature serves all calls, since every further one costs some 15 ms at start-up.
final class Kernel {

  static final Processor PROCESSOR = Processor.current();

  private static final long ERRNO =
      Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));

  private static final MethodHandle SYSCALL =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
              FunctionDescriptor.of(
                  JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                  JAVA_LONG),
              Linker.Option.firstVariadicArg(1),
              Linker.Option.captureCallState("errno"));

  private Kernel() {}

  static long call(SystemCall call) {
    return call(call, 0, 0, 0, 0, 0, 0);
  }

  static long call(SystemCall call, long a) {
    return call(call, a, 0, 0, 0, 0, 0);
  }

  static long call(SystemCall call, long a, long b) {
    return call(call, a, b, 0, 0, 0, 0);
  }

  static long call(SystemCall call, long a, long b, long c) {
    return call(call, a, b, c, 0, 0, 0);
  }

  static long call(SystemCall call, long a, long b, long c, long d) {
    return call(call, a, b, c, d, 0, 0);
  }

  static long call(SystemCall call, long a, long b, long c, long d, long e) {
    return call(call, a, b, c, d, e, 0);
  }

  /// Makes the call, again when a signal interrupted it (close excepted: its descriptor is gone
  /// then, and may already be somebody else's).
  ///
  /// @return what the call returns, or the error number negated, as the kernel itself has it
  static long call(SystemCall call, long a, long b, long c, long d, long e, long f) {
    var state = Scratch.get().callState();
    long number = call.number();
    while (true) {
      long result = invoke(state, number, a, b, c, d, e, f);
      if (result != -1) {
        return result;
      }
      int errno = state.get(JAVA_INT, ERRNO);
      if (errno != Errno.EINTR.number() || call == SystemCall.CLOSE) {
        return -errno;
      }
    }
  }

  private static long invoke(
      MemorySegment state, long number, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) SYSCALL.invokeExact(state, number, a, b, c, d, e, f);
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new AssertionError("a call of native code throws nothing checked", impossible);
    }
  }

  /// `result` of [#call], or its error as an exception about `where`.
  static long check(long result, SystemCall call, Where where) throws LinuxException {
    if (result < 0) {
      throw failure(result, call, where);
    }
    return result;
  }

  static LinuxException failure(long result, SystemCall call, Where where) {
    return new LinuxException(call.text(), where.text(), (int) -result);
  }

  /// Whether `result` of [#call] is this error.
  static boolean is(long result, Errno errno) {
    return result == -errno.number();
  }

  /// Closes a descriptor that is not wrapped yet. What close reports cannot be mended any more.
  static void close(long fd) {
    call(SystemCall.CLOSE, fd);
  }
}
