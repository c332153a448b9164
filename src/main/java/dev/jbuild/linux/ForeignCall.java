package dev.jbuild.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// libc's `syscall(2)` through the Foreign Function API: where there is no [KernelLibrary].
///
/// One signature serves all calls, since every further one costs some 15 ms at start-up.
final class ForeignCall {

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

  /// Each thread's own, freed some time after its end.
  private static final ThreadLocal<MemorySegment> STATE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(64, 64));

  private ForeignCall() {}

  /// As [KernelLibrary#call].
  static long call(long number, long a, long b, long c, long d, long e, long f) {
    var state = STATE.get();
    long result = invoke(state, number, a, b, c, d, e, f);
    return result == -1 ? -state.get(JAVA_INT, ERRNO) : result;
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
}
