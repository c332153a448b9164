package dev.jbuild.linux;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// What a new process does before its program begins: system calls, written down in this thread's
/// memory for [KernelLibrary#spawn], which makes one after the other.
///
/// A record is five words: the call's number and four arguments. Its answer then stands in place of
/// the number, where this process sees it too: the memory is shared until the program begins.
final class SpawnCalls {

  private static final int MOST = 16;
  private static final int RECORD = 5 * Long.BYTES;

  private final ByteBuffer memory = Scratch.get().bufferBytes();
  private final long address = Scratch.get().buffer();
  private final List<SystemCall> calls = new ArrayList<>();
  private int end = MOST * RECORD;

  void add(SystemCall call, long a, long b) {
    add(call, a, b, 0);
  }

  private void add(SystemCall call, long a, long b, long c) {
    int at = Objects.checkIndex(calls.size(), MOST) * RECORD;
    memory.putLong(at, call.number()).putLong(at + 8, a).putLong(at + 16, b);
    memory.putLong(at + 24, c).putLong(at + 32, 0);
    calls.add(call);
  }

  /// Adds the beginning of the program, without arguments and environment. The calls behind it are
  /// made only if that fails.
  void execute(byte[] path) {
    long name = text(path);
    add(SystemCall.EXECVE, name, words(name, 0), words(0));
  }

  /// The address of `text` with a NUL at its end.
  long text(byte[] text) {
    long start = address + end;
    memory.put(end, text).put(end + text.length, (byte) 0);
    end += text.length + 1;
    return start;
  }

  private long words(long... words) {
    end = (end + Long.BYTES - 1) & -Long.BYTES;
    long start = address + end;
    for (long word : words) {
      memory.putLong(end, word);
      end += Long.BYTES;
    }
    return start;
  }

  /// Starts the process, and waits until its program has begun or it has given up.
  ///
  /// @return its number
  int spawn(Where where) throws LinuxException {
    return (int) Kernel.check(KernelLibrary.spawn(address), SystemCall.CLONE, where);
  }

  /// @throws LinuxException if one of the calls that [#spawn] made failed
  void check(Where where) throws LinuxException {
    for (int i = 0; i < calls.size(); i++) {
      Kernel.check(memory.getLong(i * RECORD), calls.get(i), where);
    }
  }
}
