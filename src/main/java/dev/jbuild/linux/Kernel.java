package dev.jbuild.linux;

/// The one door to the kernel.
final class Kernel {

  static final Processor PROCESSOR = Processor.current();

  private static final boolean HAS_LIBRARY = KernelLibrary.isLoaded();

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
    long number = call.number();
    long result;
    do {
      result =
          HAS_LIBRARY
              ? KernelLibrary.call(number, a, b, c, d, e, f)
              : ForeignCall.call(number, a, b, c, d, e, f);
    } while (is(result, Errno.EINTR) && call != SystemCall.CLOSE);
    return result;
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
