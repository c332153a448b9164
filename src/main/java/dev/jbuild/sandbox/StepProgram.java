package dev.jbuild.sandbox;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A static ELF program that reads a [CallTable] from its standard input and makes its calls.
///
/// It is the same for every step. Nothing of a step (its environment may hold secrets) comes to lie
/// in a file. The code is mapped read-only; the table goes to writable memory that is not
/// executable.
final class StepProgram {

  private static final long CODE_ADDRESS = 0x40_0000;
  private static final int PAGE = 0x1_0000; // the largest that aarch64 has
  private static final int ELF_HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int HEADERS = ELF_HEADER + 3 * PROGRAM_HEADER;

  private static final int LOAD = 1;
  private static final int GNU_STACK = 0x6474_E551;
  private static final int EXECUTE = 1;
  private static final int WRITE = 2;
  private static final int READ = 4;

  private StepProgram() {}

  /// The bytes of the executable file.
  static byte[] forProcessor(Processor processor) {
    var code = processor.code();
    int size = HEADERS + code.length;
    var elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1}); // 64 bits, little-endian, version 1
    elf.position(16);
    elf.putShort((short) 2); // ET_EXEC
    elf.putShort((short) processor.elfMachine());
    elf.putInt(1); // version
    elf.putLong(CODE_ADDRESS + HEADERS); // entry
    elf.putLong(ELF_HEADER); // where the program headers are
    elf.putLong(0); // no sections
    elf.putInt(0); // flags
    elf.putShort((short) ELF_HEADER);
    elf.putShort((short) PROGRAM_HEADER);
    elf.putShort((short) 3); // program headers
    elf.putShort((short) 64); // size of a section header
    elf.putShort((short) 0);
    elf.putShort((short) 0);
    programHeader(elf, LOAD, READ | EXECUTE, CODE_ADDRESS, size, size);
    programHeader(elf, LOAD, READ | WRITE, CallTable.ADDRESS, 0, CallTable.CAPACITY);
    programHeader(elf, GNU_STACK, READ | WRITE, 0, 0, 0);
    elf.put(code);
    return elf.array();
  }

  private static void programHeader(
      ByteBuffer elf, int type, int flags, long address, long fileSize, long memorySize) {
    elf.putInt(type);
    elf.putInt(flags);
    elf.putLong(0); // offset in the file
    elf.putLong(address);
    elf.putLong(address);
    elf.putLong(fileSize);
    elf.putLong(memorySize);
    elf.putLong(PAGE);
  }
}
