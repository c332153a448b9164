package dev.jbuild.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A thread's own native memory for the arguments of one system call: two strings, one struct,
/// and a large buffer. Nothing survives in it from one call to the next.
///
/// It is freed some time after its thread has ended.
final class Scratch {

  /// The most that one read or write moves, and room for any list of attributes or value of one
  /// (XATTR_LIST_MAX and XATTR_SIZE_MAX are 64 KiB).
  static final int BUFFER_SIZE = 128 << 10;

  /// PATH_MAX, with the NUL at the end.
  static final int LONGEST_PATH = 4096;

  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  private static final int STRUCT_SIZE = 512;

  private final MemorySegment callState;
  private final MemorySegment struct;
  private final MemorySegment first;
  private final MemorySegment second;
  private @Nullable MemorySegment buffer;

  private Scratch() {
    var arena = Arena.ofAuto();
    callState = arena.allocate(64, 64);
    struct = arena.allocate(STRUCT_SIZE, 64);
    first = arena.allocate(LONGEST_PATH, 64);
    second = arena.allocate(LONGEST_PATH, 64);
  }

  static Scratch get() {
    return OF_THREAD.get();
  }

  MemorySegment callState() {
    return callState;
  }

  /// The address of the struct, whose fields are set and read by offset.
  long struct() {
    return struct.address();
  }

  void clearStruct() {
    struct.fill((byte) 0);
  }

  /// Puts `bytes` at the beginning of the struct.
  void toStruct(byte[] bytes) {
    MemorySegment.copy(bytes, 0, struct, JAVA_BYTE, 0, bytes.length);
  }

  /// The first `length` bytes of the struct.
  byte[] fromStruct(int length) {
    return struct.asSlice(0, length).toArray(JAVA_BYTE);
  }

  void putShort(int offset, int value) {
    struct.set(JAVA_SHORT, offset, (short) value);
  }

  void putLong(int offset, long value) {
    struct.set(JAVA_LONG, offset, value);
  }

  int getShort(int offset) {
    return struct.get(JAVA_SHORT, offset) & 0xFFFF;
  }

  int getInt(int offset) {
    return struct.get(JAVA_INT, offset);
  }

  long getLong(int offset) {
    return struct.get(JAVA_LONG, offset);
  }

  /// Sets the first string, which a NUL ends.
  ///
  /// @return its address
  /// @throws LinuxException ENAMETOOLONG, as the kernel would say
  /// @throws IllegalArgumentException if it holds a NUL: the kernel would see another name
  long first(byte[] text) throws LinuxException {
    return put(first, text);
  }

  /// Sets the second string, see [#first].
  long second(byte[] text) throws LinuxException {
    return put(second, text);
  }

  private static long put(MemorySegment segment, byte[] text) throws LinuxException {
    if (text.length >= LONGEST_PATH) {
      throw new LinuxException("path", Where.of(text).text(), Errno.ENAMETOOLONG.number());
    }
    for (byte b : text) {
      if (b == 0) {
        throw new IllegalArgumentException("a NUL byte in a name: " + Where.of(text).text());
      }
    }
    MemorySegment.copy(text, 0, segment, JAVA_BYTE, 0, text.length);
    segment.set(JAVA_BYTE, text.length, (byte) 0);
    return segment.address();
  }

  /// The large buffer.
  MemorySegment buffer() {
    var made = buffer;
    if (made == null) {
      made = Arena.ofAuto().allocate(BUFFER_SIZE, 64);
      buffer = made;
    }
    return made;
  }

  /// Puts `bytes` into the large buffer.
  ///
  /// @return its address
  long buffer(byte[] bytes) {
    MemorySegment.copy(bytes, 0, buffer(), JAVA_BYTE, 0, bytes.length);
    return buffer().address();
  }

  /// The first `length` bytes of the large buffer.
  byte[] fromBuffer(int length) {
    return buffer().asSlice(0, length).toArray(JAVA_BYTE);
  }
}
