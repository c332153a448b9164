import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Writes the libraries `libjbuild-PROCESSOR.so` into the directory that is its argument: one
/// function each, `KernelLibrary.call`, which makes the system call that its arguments say and
/// returns what the kernel answers.
///
/// No C compiler is needed where jbuild is built, and what the files hold can be read here: an ELF
/// shared object (System V ABI, chapters 4 and 5) with one symbol, without sections. Java finds the
/// function by its name (Java Native Interface specification, chapter 2).
final class CallLibrary {

  private static final String SYMBOL = "Java_dev_jbuild_linux_KernelLibrary_call";

  private static final int HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int SYMBOLS = HEADER + 4 * PROGRAM_HEADER;
  private static final int SYMBOL_SIZE = 24;
  private static final int HASH = SYMBOLS + 2 * SYMBOL_SIZE;
  private static final int NAMES = HASH + 5 * 4;
  private static final int CODE = 0x200;
  private static final int DYNAMIC = 0x300;
  private static final int DYNAMIC_SIZE = 6 * 16;

  /// The dynamic section is written to when the library is loaded, so it is on a page of its own;
  /// no processor has larger ones.
  private static final int PAGE = 0x10000;

  private CallLibrary() {}

  public static void main(String[] arguments) throws IOException {
    var directory = Path.of(arguments[0]);
    Files.write(directory.resolve("libjbuild-x86_64.so"), library(62, x86()));
    Files.write(directory.resolve("libjbuild-aarch64.so"), library(183, arm()));
  }

  /// rdi and rsi are Java's own (JNIEnv, class); number, a, b, c come in rdx, rcx, r8, r9, and the
  /// others on the stack. The kernel wants them in rax, rdi, rsi, rdx, r10, r8, r9.
  private static byte[] x86() {
    return bytes(
        0x48, 0x89, 0xd0, // mov rax, rdx
        0x48, 0x89, 0xcf, // mov rdi, rcx
        0x4c, 0x89, 0xc6, // mov rsi, r8
        0x4c, 0x89, 0xca, // mov rdx, r9
        0x4c, 0x8b, 0x54, 0x24, 0x08, // mov r10, [rsp+8]
        0x4c, 0x8b, 0x44, 0x24, 0x10, // mov r8, [rsp+16]
        0x4c, 0x8b, 0x4c, 0x24, 0x18, // mov r9, [rsp+24]
        0x0f, 0x05, // syscall
        0xc3); // ret
  }

  /// x0 and x1 are Java's own; number and a to e come in x2 to x7, and f on the stack. The kernel
  /// wants them in x8 and x0 to x5.
  private static byte[] arm() {
    var code = ByteBuffer.allocate(9 * 4).order(ByteOrder.LITTLE_ENDIAN);
    code.putInt(0xaa0203e8); // mov x8, x2
    code.putInt(0xaa0303e0); // mov x0, x3
    code.putInt(0xaa0403e1); // mov x1, x4
    code.putInt(0xaa0503e2); // mov x2, x5
    code.putInt(0xaa0603e3); // mov x3, x6
    code.putInt(0xaa0703e4); // mov x4, x7
    code.putInt(0xf94003e5); // ldr x5, [sp]
    code.putInt(0xd4000001); // svc 0
    code.putInt(0xd65f03c0); // ret
    return code.array();
  }

  private static byte[] bytes(int... values) {
    var bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] library(int machine, byte[] code) {
    var names = ("\0" + SYMBOL + "\0").getBytes(StandardCharsets.US_ASCII);
    if (NAMES + names.length > CODE || CODE + code.length > DYNAMIC) {
      throw new IllegalStateException("the parts overlap");
    }
    var elf = ByteBuffer.allocate(DYNAMIC + DYNAMIC_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(bytes(0x7f, 'E', 'L', 'F', 2, 1, 1)).position(16);
    elf.putShort((short) 3).putShort((short) machine).putInt(1); // a shared object, version 1
    elf.putLong(0).putLong(HEADER).putLong(0).putInt(0); // program headers; no entry, no sections
    elf.putShort((short) HEADER).putShort((short) PROGRAM_HEADER).putShort((short) 4);
    elf.putShort((short) 64).putShort((short) 0).putShort((short) 0);

    programHeader(elf, 1, 5, 0, 0, CODE + code.length, PAGE); // PT_LOAD, readable, executable
    programHeader(elf, 1, 6, DYNAMIC, PAGE + DYNAMIC, DYNAMIC_SIZE, PAGE); // PT_LOAD, writable
    programHeader(elf, 2, 6, DYNAMIC, PAGE + DYNAMIC, DYNAMIC_SIZE, 8); // PT_DYNAMIC
    programHeader(elf, 0x6474e551, 6, 0, 0, 0, 16); // PT_GNU_STACK: no code on the stack

    elf.position(SYMBOLS + SYMBOL_SIZE); // the first symbol is none
    elf.putInt(1).put((byte) 0x12).put((byte) 0).putShort((short) 1); // a global function
    elf.putLong(CODE).putLong(code.length);

    elf.position(HASH); // one bucket, two symbols, the bucket's first, its successors
    elf.putInt(1).putInt(2).putInt(1).putInt(0).putInt(0);
    elf.put(names);
    elf.position(CODE).put(code);

    elf.position(DYNAMIC);
    elf.putLong(4).putLong(HASH); // DT_HASH
    elf.putLong(5).putLong(NAMES); // DT_STRTAB
    elf.putLong(6).putLong(SYMBOLS); // DT_SYMTAB
    elf.putLong(10).putLong(names.length); // DT_STRSZ
    elf.putLong(11).putLong(SYMBOL_SIZE); // DT_SYMENT
    elf.putLong(0).putLong(0); // DT_NULL
    return elf.array();
  }

  private static void programHeader(
      ByteBuffer elf, int type, int flags, int offset, int address, int size, int alignment) {
    elf.putInt(type).putInt(flags).putLong(offset).putLong(address).putLong(address);
    elf.putLong(size).putLong(size).putLong(alignment);
  }
}
