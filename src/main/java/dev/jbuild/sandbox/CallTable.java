package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// System calls written down for [StepProgram], which makes one after the other.
///
/// The layout, all numbers 64 bits, little-endian, at [#ADDRESS] once read:
///
/// - header: how many bytes follow it; the address of the first record
/// - data: strings, structures, arrays of pointers
/// - records: the call's number; six arguments; where to go on after a positive answer; where to go
///   on after a negative one. 0 stands for the next record, after a negative answer for the end.
///
/// A negative answer is always reported: address of the record and answer, 16 bytes, to descriptor
/// [#REPORT]. Descriptors need no variables: the lowest free number is what open gives (POSIX), so
/// [#nextDescriptor] knows it beforehand; nothing opened is closed before all is closed.
final class CallTable {

  /// Where the program keeps the table, and for how many bytes it has room.
  static final long ADDRESS = 0x1000_0000L;

  static final int CAPACITY = 16 << 20;

  /// The descriptor that failures are reported to.
  static final int REPORT = 3;

  /// In the place of a record's address in a report: what follows is the beginning of a siginfo_t,
  /// 8 bytes in this pair and 32 in the next two. No record has this address.
  static final long SIGNAL_INFORMATION = 1;

  private static final int HEADER = 16;
  private static final int RECORD = 72;
  private static final int ARGUMENTS = 6;

  /// What to do when a call fails.
  private enum OnFailure {
    STOP,
    GO_ON
  }

  private static final class Entry {
    final SystemCall call;
    final String about;
    final long[] arguments;
    final OnFailure onFailure;
    int onPositive = -1;

    Entry(SystemCall call, String about, long[] arguments, OnFailure onFailure) {
      this.call = call;
      this.about = about;
      this.arguments = Arrays.copyOf(arguments, ARGUMENTS);
      this.onFailure = onFailure;
    }
  }

  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private final List<Entry> entries = new ArrayList<>();
  private int nextDescriptor = REPORT + 1;

  /// Adds a call without which the step cannot start.
  ///
  /// @param about what it is for, printable: "mounting /proc"
  void call(SystemCall call, String about, long... arguments) {
    entries.add(new Entry(call, about, arguments, OnFailure.STOP));
  }

  /// Adds a call whose failure is reported and changes nothing.
  void attempt(SystemCall call, String about, long... arguments) {
    entries.add(new Entry(call, about, arguments, OnFailure.GO_ON));
  }

  /// Adds a call that answers with a new descriptor, and says which that will be.
  int open(SystemCall call, String about, long... arguments) {
    call(call, about, arguments);
    return nextDescriptor++;
  }

  /// The number of the descriptor that the next [#open] gives.
  int nextDescriptor() {
    return nextDescriptor;
  }

  /// Adds the end of all children of the process, however many generations follow. The process has
  /// to be the one that orphans fall to (PR_SET_CHILD_SUBREAPER).
  void sweep(String about) {
    int size = 1 << 16;
    long buffer = bytes(new byte[size]);
    attempt(SystemCall.SWEEP, about, text("/proc/thread-self/children"), buffer, size);
  }

  /// Adds clone(2): what is added next is for the child; see [#parentGoesOnHere].
  int fork(String about, long... arguments) {
    call(SystemCall.CLONE, about, arguments);
    return entries.size() - 1;
  }

  /// The parent, to which `fork` answered with a positive number, goes on with what is added next.
  void parentGoesOnHere(int fork) {
    entries.get(fork).onPositive = entries.size();
  }

  /// The address of `text` with a NUL at its end.
  long text(String text) {
    var bytes = Utf8.encode(text);
    return bytes(Arrays.copyOf(bytes, bytes.length + 1));
  }

  /// The address of `bytes`, a multiple of 8.
  long bytes(byte[] bytes) {
    long address = ADDRESS + HEADER + data.size();
    data.writeBytes(bytes);
    data.writeBytes(new byte[-data.size() & 7]);
    return address;
  }

  /// The address of 64-bit numbers.
  long words(long... words) {
    var buffer = ByteBuffer.allocate(words.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (long word : words) {
      buffer.putLong(word);
    }
    return bytes(buffer.array());
  }

  /// The address of an array of pointers to `texts`, closed by a null pointer (argv, envp).
  long pointers(List<String> texts) {
    var addresses = new long[texts.size() + 1];
    for (int i = 0; i < texts.size(); i++) {
      addresses[i] = text(texts.get(i));
    }
    return words(addresses);
  }

  /// The bytes to give to the program.
  byte[] encode(Processor processor) {
    long size = (long) HEADER + data.size() + (long) entries.size() * RECORD;
    if (size > CAPACITY) {
      throw BuildFailure.of(
          BuildFailure.Kind.SANDBOX,
          "arguments, environment and provided files of a step take more than "
              + (CAPACITY >> 20)
              + " MiB");
    }
    var table = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
    table.putLong(size - HEADER);
    table.putLong(recordAddress(0));
    table.put(data.toByteArray());
    for (int i = 0; i < entries.size(); i++) {
      var entry = entries.get(i);
      table.putLong(entry.call.number(processor));
      for (long argument : entry.arguments) {
        table.putLong(argument);
      }
      table.putLong(entry.onPositive < 0 ? 0 : recordAddress(entry.onPositive));
      table.putLong(
          switch (entry.onFailure) {
            case STOP -> 0;
            case GO_ON -> recordAddress(i + 1);
          });
    }
    return table.array();
  }

  private long recordAddress(int index) {
    return ADDRESS + HEADER + data.size() + (long) index * RECORD;
  }

  /// What a report means.
  ///
  /// @param isFatal whether nothing was done after it
  record Failure(SystemCall call, String about, int errno, boolean isFatal) {}

  /// Reads a report of a negative answer.
  Failure failure(long recordAddress, long answer) {
    long offset = recordAddress - recordAddress(0);
    if (offset < 0 || offset % RECORD != 0 || offset / RECORD >= entries.size()) {
      throw new IllegalStateException("a report of no record of this table: " + recordAddress);
    }
    var entry = entries.get((int) (offset / RECORD));
    return new Failure(entry.call, entry.about, (int) -answer, entry.onFailure == OnFailure.STOP);
  }
}
