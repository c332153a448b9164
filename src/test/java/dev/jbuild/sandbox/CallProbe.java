package dev.jbuild.sandbox;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// A static program for the inside of a step that makes system calls which a shell cannot, and
/// tells what the kernel answered. It is [StepProgram] itself with a table of the test's.
public final class CallProbe {

  private static final int HEADER = 16;
  private static final int RECORD = 72;
  private static final long EXIT = 0;

  /// A call, by its number on x86-64 and on aarch64.
  ///
  /// @param name as people call it, with what is asked
  private record Call(String name, int x8664, int aarch64, long... arguments) {}

  private static final long NEW_USER = 0x1000_0000;
  private static final long NEW_MOUNT = 0x2_0000;

  /// What a container must not do, and what it may.
  private static final List<Call> CALLS =
      List.of(
          new Call("getpid", 39, 172),
          new Call("add_key", 248, 217),
          new Call("keyctl", 250, 219),
          new Call("bpf", 321, 280),
          new Call("userfaultfd", 323, 282),
          new Call("kexec_load", 246, 104),
          new Call("init_module", 175, 105),
          new Call("open_by_handle_at", 304, 265, -1),
          new Call("io_uring_setup", 425, 425, 1),
          new Call("perf_event_open", 298, 241),
          new Call("mount", 165, 40),
          new Call("umount2", 166, 39),
          new Call("pivot_root", 155, 41),
          new Call("swapoff", 168, 225),
          new Call("reboot", 169, 142),
          new Call("sethostname", 170, 161),
          new Call("settimeofday", 164, 170),
          new Call("setns", 308, 268, -1),
          new Call("unshare user", 272, 97, NEW_USER),
          new Call("unshare mount", 272, 97, NEW_MOUNT),
          new Call("fsopen", 430, 430),
          new Call("move_mount", 429, 429, -1, 0, -1),
          new Call("clone3", 435, 435),
          new Call("personality no-random", 135, 92, 0x4_0000),
          new Call("personality ask", 135, 92, 0xFFFF_FFFFL),
          new Call("socket inet", 41, 198, 2, 2),
          new Call("socket alg", 41, 198, 38, 5),
          new Call("socket vsock", 41, 198, 40, 1),
          new Call("newer than all", 1000, 1000));

  private CallProbe() {}

  /// The program: reads [#table] from its standard input, writes to descriptor 3.
  public static byte[] program() {
    return StepProgram.forProcessor(Processor.current());
  }

  /// What it reads.
  public static byte[] table() {
    boolean x8664 = Processor.current() == Processor.X86_64;
    int records = CALLS.size() + 1;
    int size = HEADER + records * RECORD;
    var table = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    table.putLong(size - HEADER);
    table.putLong(record(0));
    for (int i = 0; i < CALLS.size(); i++) {
      var call = CALLS.get(i);
      append(table, x8664 ? call.x8664 : call.aarch64, record(i + 1), call.arguments);
    }
    append(table, x8664 ? 231 : 94, EXIT); // exit_group
    return table.array();
  }

  private static void append(ByteBuffer table, int number, long next, long... arguments) {
    table.putLong(number);
    for (int i = 0; i < 6; i++) {
      table.putLong(i < arguments.length ? arguments[i] : 0);
    }
    table.putLong(next).putLong(next);
  }

  private static long record(int index) {
    return CallTable.ADDRESS + HEADER + (long) index * RECORD;
  }

  /// The answers, a line each, from what it wrote.
  public static List<String> answers(byte[] written) {
    var failed = new long[CALLS.size()];
    var report = ByteBuffer.wrap(written).order(ByteOrder.LITTLE_ENDIAN);
    while (report.remaining() >= 16) {
      int index = (int) ((report.getLong() - record(0)) / RECORD);
      failed[index] = report.getLong();
    }
    var lines = new ArrayList<String>();
    for (int i = 0; i < failed.length; i++) {
      lines.add(CALLS.get(i).name + ": " + text((int) -failed[i]));
    }
    return lines;
  }

  private static String text(int errno) {
    return switch (errno) {
      case 0 -> "yes";
      case 1 -> "EPERM";
      case 38 -> "ENOSYS";
      default -> "errno " + errno;
    };
  }
}
