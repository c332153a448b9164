package dev.jbuild.sandbox;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/// The smallest program of a processor: a static ELF file that calls exit(0). That it runs tells
/// that others for the same processor do, natively or through an emulator that the kernel knows
/// (binfmt_misc).
public enum ExitProgram {
  /// mov $60,%eax; xor %edi,%edi; syscall
  AMD64(Layout.LITTLE_64, 62, 0, "b83c000000 31ff 0f05"),
  /// mov $1,%eax; xor %ebx,%ebx; int $0x80
  I386(Layout.LITTLE_32, 3, 0, "b801000000 31db cd80"),
  /// mov x8,#93; mov x0,#0; svc #0
  ARM64(Layout.LITTLE_64, 183, 0, "a80b80d2 000080d2 010000d4"),
  /// mov r7,#1; mov r0,#0; svc #0
  ARM(Layout.LITTLE_32, 40, 0x0500_0000, "0170a0e3 0000a0e3 000000ef"),
  /// li a7,93; li a0,0; ecall
  RISCV64(Layout.LITTLE_64, 243, 0, "9308d005 13050000 73000000"),
  /// li r0,1; li r3,0; sc
  PPC64LE(Layout.LITTLE_64, 21, 2, "01000038 00006038 02000044"),
  /// lghi %r1,1; lghi %r2,0; svc 0
  S390X(Layout.BIG_64, 22, 0, "a7190001 a7290000 0a00"),
  /// ori a7,zero,93; move a0,zero; syscall 0
  LOONG64(Layout.LITTLE_64, 258, 0x43, "0b748102 04008002 00002b00"),
  /// li v0,5058; li a0,0; syscall
  MIPS64LE(Layout.LITTLE_64, 8, 0x8000_0007, "c2130224 00000424 0c000000");

  private static final int ADDRESS = 0x40_0000;
  private static final int PAGE = 0x1_0000;
  private static final int READ_AND_EXECUTE = 5;

  private final Layout layout;
  private final int machine;
  private final int flags;
  private final String code;

  /// @param machine e_machine of the ELF header
  /// @param flags e_flags
  /// @param code as hex digits
  ExitProgram(Layout layout, int machine, int flags, String code) {
    this.layout = layout;
    this.machine = machine;
    this.flags = flags;
    this.code = code;
  }

  private enum Layout {
    LITTLE_32,
    LITTLE_64,
    BIG_64;

    boolean isWide() {
      return this != LITTLE_32;
    }

    ByteOrder order() {
      return this == BIG_64 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }
  }

  /// The program for an architecture by its name in images (`amd64`, `386`), if it is known here.
  public static Optional<ExitProgram> of(String architecture) {
    var name = architecture.equals("386") ? "I386" : architecture.toUpperCase(Locale.ROOT);
    for (var each : values()) {
      if (each.name().equals(name)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /// The bytes of the executable file.
  public byte[] bytes() {
    var instructions = HexFormat.of().parseHex(code.replace(" ", ""));
    boolean wide = layout.isWide();
    int header = wide ? 64 : 52;
    int start = header + (wide ? 56 : 32);
    int size = start + instructions.length;
    var elf = ByteBuffer.allocate(size).order(layout.order());
    int order = layout.order() == ByteOrder.LITTLE_ENDIAN ? 1 : 2;
    elf.put(new byte[] {0x7F, 'E', 'L', 'F', (byte) (wide ? 2 : 1), (byte) order, 1});
    elf.position(16);
    elf.putShort((short) 2); // ET_EXEC
    elf.putShort((short) machine);
    elf.putInt(1); // version
    word(elf, ADDRESS + start); // entry
    word(elf, header); // where the program header is
    word(elf, 0); // no sections
    elf.putInt(flags);
    elf.putShort((short) header);
    elf.putShort((short) (start - header));
    elf.putShort((short) 1); // program headers
    elf.putShort((short) (wide ? 64 : 40)); // size of a section header
    elf.putShort((short) 0);
    elf.putShort((short) 0);
    programHeader(elf, size);
    elf.put(instructions);
    return elf.array();
  }

  private void programHeader(ByteBuffer elf, int size) {
    elf.putInt(1); // PT_LOAD
    if (layout.isWide()) {
      elf.putInt(READ_AND_EXECUTE);
    }
    word(elf, 0); // offset in the file
    word(elf, ADDRESS);
    word(elf, ADDRESS);
    word(elf, size);
    word(elf, size);
    if (!layout.isWide()) {
      elf.putInt(READ_AND_EXECUTE);
    }
    word(elf, PAGE);
  }

  private void word(ByteBuffer elf, int value) {
    if (layout.isWide()) {
      elf.putLong(value);
    } else {
      elf.putInt(value);
    }
  }
}
