package dev.jbuild.linux;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
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

  private final Native struct = new Native(STRUCT_SIZE);
  private final LongBuffer structWords = struct.bytes().asLongBuffer();
  private final long[] words = new long[STRUCT_SIZE / Long.BYTES];
  private final Native first = new Native(LONGEST_PATH);
  private final Native second = new Native(LONGEST_PATH);
  private @Nullable Native buffer;

  private Scratch() {}

  /// Memory that does not move. It is read and written as a buffer, since a memory segment takes
  /// far longer until its accesses are compiled.
  private record Native(ByteBuffer bytes, long address) {

    Native(int size) {
      this(ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder()));
    }

    private Native(ByteBuffer bytes) {
      this(bytes, MemorySegment.ofBuffer(bytes).address());
    }
  }

  static Scratch get() {
    return OF_THREAD.get();
  }

  /// The address of the struct, whose fields are set and read by offset.
  long struct() {
    return struct.address();
  }

  void clearStruct() {
    struct.bytes().put(0, new byte[STRUCT_SIZE]);
  }

  /// Puts `bytes` at the beginning of the struct.
  void toStruct(byte[] bytes) {
    struct.bytes().put(0, bytes);
  }

  /// The first `length` bytes of the struct.
  byte[] fromStruct(int length) {
    return taken(struct, 0, length);
  }

  /// `length` bytes of the struct from `start`.
  byte[] fromStruct(int start, int length) {
    return taken(struct, start, length);
  }

  /// Fills `bytes` from the beginning of the struct.
  void fromStruct(byte[] bytes) {
    struct.bytes().get(0, bytes);
  }

  /// The struct in words of eight bytes, to be read before the next call: one copy, where a field
  /// by itself takes a call.
  long[] structWords() {
    structWords.get(0, words);
    return words;
  }

  void putShort(int offset, int value) {
    struct.bytes().putShort(offset, (short) value);
  }

  void putLong(int offset, long value) {
    struct.bytes().putLong(offset, value);
  }

  int getShort(int offset) {
    return struct.bytes().getShort(offset) & 0xFFFF;
  }

  int getInt(int offset) {
    return struct.bytes().getInt(offset);
  }

  long getLong(int offset) {
    return struct.bytes().getLong(offset);
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

  private static long put(Native memory, byte[] text) throws LinuxException {
    if (text.length >= LONGEST_PATH) {
      throw new LinuxException("path", Where.of(text).text(), Errno.ENAMETOOLONG.number());
    }
    for (byte b : text) {
      if (b == 0) {
        throw new IllegalArgumentException("a NUL byte in a name: " + Where.of(text).text());
      }
    }
    memory.bytes().put(0, text).put(text.length, (byte) 0);
    return memory.address();
  }

  private Native memory() {
    var made = buffer;
    if (made == null) {
      made = new Native(BUFFER_SIZE);
      buffer = made;
    }
    return made;
  }

  /// The address of the large buffer.
  long buffer() {
    return memory().address();
  }

  /// The large buffer, to be read by absolute positions, in the processor's byte order.
  ByteBuffer bufferBytes() {
    return memory().bytes();
  }

  /// Puts `bytes` into the large buffer.
  ///
  /// @return its address
  long buffer(byte[] bytes) {
    return buffer(bytes, 0, bytes.length);
  }

  /// Puts a part of `from` into the large buffer.
  ///
  /// @return its address
  long buffer(byte[] from, int offset, int length) {
    memory().bytes().put(0, from, offset, length);
    return buffer();
  }

  /// The first `length` bytes of the large buffer.
  byte[] fromBuffer(int length) {
    return taken(memory(), 0, length);
  }

  /// `length` bytes of the large buffer from `start`.
  byte[] fromBuffer(int start, int length) {
    return taken(memory(), start, length);
  }

  private static byte[] taken(Native memory, int start, int length) {
    var bytes = new byte[length];
    memory.bytes().get(start, bytes);
    return bytes;
  }
}
