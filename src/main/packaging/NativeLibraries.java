import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Writes jbuild's own native libraries into the directory that is its argument, for each kind of
/// processor:
///
/// - `libjbuild-PROCESSOR.so`: `linux.KernelLibrary.call`, which makes the system call that its
///   arguments say and returns what the kernel answers, and `spawn`, which has a new process make
///   those of a list;
/// - `libjbuild-sha256-PROCESSOR.so`: `linux.Libcrypto`, whose functions go on in OpenSSL's;
/// - `libjbuild-map-PROCESSOR.so`: the `mmap64` that Java itself finds instead of the C library's,
///   since the launcher has it loaded first (decision 21). What is mapped from a file to be written
///   to, as Java's snapshot is, is read at once. No other program gets the library.
///
/// No C compiler is needed where jbuild is built, and what the files hold can be read here: an ELF
/// shared object (System V ABI, chapters 4 and 5) without sections. Java finds the functions by
/// their names (Java Native Interface specification, chapter 2).
final class NativeLibraries {

  private static final String PREFIX = "Java_dev_jbuild_linux_";

  private static final int HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int SYMBOLS = HEADER + 4 * PROGRAM_HEADER;
  private static final int SYMBOL = 24;
  private static final int RELOCATION = 24;
  private static final int DYNAMIC_ENTRY = 16;

  /// What is written to when a library is loaded is on pages of its own; no processor has larger
  /// ones.
  private static final int PAGE = 0x10000;

  private NativeLibraries() {}

  public static void main(String[] arguments) throws IOException {
    var directory = Path.of(arguments[0]);
    for (var processor : List.of(new X86(), new Arm())) {
      var calls =
          List.of(
              Function.ofJava("KernelLibrary_call", processor.systemCall(), ""),
              Function.ofJava("KernelLibrary_spawn", processor.spawn(), ""));
      Files.write(
          directory.resolve("libjbuild-" + processor.name() + ".so"),
          library(processor, "", "", calls));
      var upToThree = processor.threeArguments();
      var sha256 =
          List.of(
              Function.ofJava("Libcrypto_begin", upToThree, "SHA256_Init"),
              Function.ofJava("Libcrypto_update", upToThree, "SHA256_Update"),
              Function.ofJava("Libcrypto_finish", upToThree, "SHA256_Final"));
      Files.write(
          directory.resolve("libjbuild-sha256-" + processor.name() + ".so"),
          library(processor, "libcrypto.so.3", "", sha256));
      var map =
          List.of(
              new Function("mmap64", processor.populate(), "", "mmap"),
              new Function("jbuild_map_init", new byte[0], "LD_PRELOAD", "unsetenv"));
      Files.write(
          directory.resolve("libjbuild-map-" + processor.name() + ".so"),
          library(processor, "libc.so.6", "jbuild_map_init", map));
    }
  }

  /// A function of a library.
  ///
  /// @param text what is its first argument instead, as a string of C; empty if nothing is
  /// @param other the function of another library in which it goes on; empty if it returns itself
  private record Function(String name, byte[] code, String text, String other) {

    /// One that Java calls.
    static Function ofJava(String name, byte[] code, String other) {
      return new Function(PREFIX + name, code, "", other);
    }

    boolean goesOn() {
      return !other.isEmpty();
    }
  }

  private sealed interface Processor {

    /// As `uname -m` calls it.
    String name();

    /// EM_… of elf.h.
    int machine();

    /// R_…_GLOB_DAT of elf.h: the address of a symbol, as it is.
    int relocation();

    /// Makes a system call of its arguments.
    byte[] systemCall();

    /// Makes a process in the same memory (CLONE_VM, CLONE_VFORK, SIGCHLD) and returns its number
    /// when that has begun a program or is gone. It makes the calls of a list, records of five
    /// words, and puts what each answers in the place of its number. It needs no stack of its own,
    /// for it puts nothing there.
    byte[] spawn();

    /// Moves up to three arguments from where Java puts them to where a function in C wants them.
    byte[] threeArguments();

    /// Adds MAP_POPULATE to the flags of mmap(2) for a private mapping of a file (MAP_PRIVATE, a
    /// descriptor that is not negative) that may be written to (PROT_WRITE).
    byte[] populate();

    /// Makes the first argument the address `distance` bytes behind the beginning of this code.
    byte[] address(int distance);

    /// Goes on at the address that stands `distance` bytes behind the beginning of this code.
    byte[] jump(int distance);
  }

  private record X86() implements Processor {

    @Override
    public String name() {
      return "x86_64";
    }

    @Override
    public int machine() {
      return 62;
    }

    @Override
    public int relocation() {
      return 6;
    }

    /// rdi and rsi are Java's own (JNIEnv, class); number, a, b, c come in rdx, rcx, r8, r9, the
    /// others on the stack. The kernel wants them in rax, rdi, rsi, rdx, r10, r8, r9.
    @Override
    public byte[] systemCall() {
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

    @Override
    public byte[] spawn() {
      return bytes(
          0xb8, 0x3a, 0x00, 0x00, 0x00, // mov eax, 58: vfork, which is clone with these flags
          0x0f, 0x05, // syscall
          0x85, 0xc0, // test eax, eax
          0x74, 0x01, // jz child
          0xc3, // ret
          0x48, 0x89, 0xd3, // child: mov rbx, rdx
          0x48, 0x8b, 0x03, // next: mov rax, [rbx]
          0x48, 0x8b, 0x7b, 0x08, // mov rdi, [rbx+8]
          0x48, 0x8b, 0x73, 0x10, // mov rsi, [rbx+16]
          0x48, 0x8b, 0x53, 0x18, // mov rdx, [rbx+24]
          0x4c, 0x8b, 0x53, 0x20, // mov r10, [rbx+32]
          0x0f, 0x05, // syscall
          0x48, 0x89, 0x03, // mov [rbx], rax
          0x48, 0x83, 0xc3, 0x28, // add rbx, 40
          0xeb, 0xe2); // jmp next
    }

    @Override
    public byte[] threeArguments() {
      return bytes(
          0x48, 0x89, 0xd7, // mov rdi, rdx
          0x48, 0x89, 0xce, // mov rsi, rcx
          0x4c, 0x89, 0xc2); // mov rdx, r8
    }

    /// Protection, flags and descriptor are in edx, ecx, r8d.
    @Override
    public byte[] populate() {
      return bytes(
          0xf6, 0xc2, 0x02, // test dl, 2
          0x74, 0x0d, // jz end
          0xf6, 0xc1, 0x02, // test cl, 2
          0x74, 0x08, // jz end
          0x45, 0x85, 0xc0, // test r8d, r8d
          0x78, 0x03, // js end
          0x80, 0xcd, 0x80); // or ch, 0x80; end:
    }

    @Override
    public byte[] address(int distance) {
      var code = ByteBuffer.allocate(7).order(ByteOrder.LITTLE_ENDIAN);
      code.put(bytes(0x48, 0x8d, 0x3d)).putInt(distance - 7); // lea rdi, [rip+distance]
      return code.array();
    }

    @Override
    public byte[] jump(int distance) {
      var code = ByteBuffer.allocate(6).order(ByteOrder.LITTLE_ENDIAN);
      code.put(bytes(0xff, 0x25)).putInt(distance - 6); // jmp [rip+distance], rip being behind it
      return code.array();
    }
  }

  private record Arm() implements Processor {

    @Override
    public String name() {
      return "aarch64";
    }

    @Override
    public int machine() {
      return 183;
    }

    @Override
    public int relocation() {
      return 1025;
    }

    /// x0 and x1 are Java's own; number and a to e come in x2 to x7, and f on the stack. The kernel
    /// wants them in x8 and x0 to x5.
    @Override
    public byte[] systemCall() {
      return words(
          0xaa0203e8, // mov x8, x2
          0xaa0303e0, // mov x0, x3
          0xaa0403e1, // mov x1, x4
          0xaa0503e2, // mov x2, x5
          0xaa0603e3, // mov x3, x6
          0xaa0703e4, // mov x4, x7
          0xf94003e5, // ldr x5, [sp]
          0xd4000001, // svc 0
          0xd65f03c0); // ret
    }

    @Override
    public byte[] spawn() {
      return words(
          0xaa0203e9, // mov x9, x2
          0xd2882220, // mov x0, 0x4111
          0xd2800001, // mov x1, 0: the same stack
          0xd2801b88, // mov x8, 220: clone
          0xd4000001, // svc 0
          0xb4000040, // cbz x0, child
          0xd65f03c0, // ret
          0xf9400128, // child: ldr x8, [x9]
          0xa9408520, // ldp x0, x1, [x9, 8]
          0xa9418d22, // ldp x2, x3, [x9, 24]
          0xd4000001, // svc 0
          0xf8028520, // str x0, [x9], 40
          0x17fffffb); // b child
    }

    @Override
    public byte[] threeArguments() {
      return words(
          0xaa0203e0, // mov x0, x2
          0xaa0303e1, // mov x1, x3
          0xaa0403e2); // mov x2, x4
    }

    /// Protection, flags and descriptor are in w2, w3, w4.
    @Override
    public byte[] populate() {
      return words(
          0x36080082, // tbz w2, 1, end
          0x36080063, // tbz w3, 1, end
          0x37f80044, // tbnz w4, 31, end
          0x32110063); // orr w3, w3, 0x8000; end:
    }

    @Override
    public byte[] address(int distance) {
      return words(0x10000000 | (distance & 3) << 29 | (distance >> 2 & 0x7ffff) << 5); // adr x0
    }

    @Override
    public byte[] jump(int distance) {
      return words(
          0x58000010 | distance / 4 << 5, // ldr x16, distance
          0xd61f0200); // br x16
    }
  }

  private static byte[] bytes(int... values) {
    var bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] words(int... values) {
    var words = ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      words.putInt(value);
    }
    return words.array();
  }

  /// The names of a library, each ended by a NUL.
  private static final class Names {

    private final StringBuilder text = new StringBuilder("\0");

    /// Where in the names this one begins.
    int add(String name) {
      int start = text.length();
      text.append(name).append('\0');
      return start;
    }

    byte[] bytes() {
      return text.toString().getBytes(StandardCharsets.US_ASCII);
    }
  }

  /// @param needed the library that has the others' functions; empty if there are none
  /// @param init the function that is called when the library is loaded; empty if none is
  private static byte[] library(
      Processor processor, String needed, String init, List<Function> functions) {
    var others = functions.stream().filter(Function::goesOn).map(Function::other).toList();
    var names = new Names();
    int neededName = names.add(needed);
    var own = functions.stream().map(each -> names.add(each.name())).toList();
    var foreign = others.stream().map(names::add).toList();
    var texts = functions.stream().map(each -> names.add(each.text())).toList();

    int symbols = 1 + own.size() + foreign.size(); // the first symbol is none
    int hash = SYMBOLS + symbols * SYMBOL;
    int relocations = aligned(hash + (3 + symbols) * Integer.BYTES);
    int text = relocations + others.size() * RELOCATION;
    int code = aligned(text + names.bytes().length);
    int dynamic = aligned(code + functions.size() * 64);
    int addresses = dynamic + 11 * DYNAMIC_ENTRY; // where the others' are, once it is loaded
    int end = addresses + others.size() * Long.BYTES;

    var elf = ByteBuffer.allocate(end).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(bytes(0x7f, 'E', 'L', 'F', 2, 1, 1)).position(16);
    elf.putShort((short) 3).putShort((short) processor.machine()); // a shared object
    elf.putInt(1).putLong(0).putLong(HEADER).putLong(0).putInt(0); // version; no entry, no sections
    elf.putShort((short) HEADER).putShort((short) PROGRAM_HEADER).putShort((short) 4);
    elf.putShort((short) 64).putShort((short) 0).putShort((short) 0);

    programHeader(elf, 1, 5, 0, 0, dynamic, PAGE); // PT_LOAD, readable, executable
    programHeader(elf, 1, 6, dynamic, PAGE + dynamic, end - dynamic, PAGE); // PT_LOAD, writable
    programHeader(elf, 2, 6, dynamic, PAGE + dynamic, addresses - dynamic, 8); // PT_DYNAMIC
    programHeader(elf, 0x6474e551, 6, 0, 0, 0, 16); // PT_GNU_STACK: no code on the stack

    elf.position(SYMBOLS + SYMBOL);
    for (int i = 0; i < own.size(); i++) {
      symbol(elf, own.get(i), 1, code + i * 64);
    }
    for (int name : foreign) {
      symbol(elf, name, 0, 0);
    }

    elf.position(hash); // one bucket, its first symbol, and of each its successor
    elf.putInt(1).putInt(symbols).putInt(1).putInt(0);
    for (int i = 2; i <= symbols; i++) {
      elf.putInt(i % symbols);
    }

    elf.position(relocations);
    for (int i = 0; i < others.size(); i++) {
      elf.putLong(PAGE + addresses + (long) i * Long.BYTES);
      elf.putLong((1L + own.size() + i) << 32 | processor.relocation()).putLong(0);
    }
    elf.put(text, names.bytes());

    for (int i = 0; i < functions.size(); i++) {
      var function = functions.get(i);
      int start = code + i * 64;
      elf.position(start).put(function.code());
      if (!function.text().isEmpty()) {
        elf.put(processor.address(text + texts.get(i) - elf.position()));
      }
      if (function.goesOn()) {
        int slot = PAGE + addresses + others.indexOf(function.other()) * Long.BYTES;
        elf.put(processor.jump(slot - elf.position()));
      }
      if (elf.position() > start + 64) {
        throw new IllegalStateException("the code of " + function.name() + " is too long");
      }
    }

    elf.position(dynamic);
    elf.putLong(4).putLong(hash); // DT_HASH
    elf.putLong(5).putLong(text); // DT_STRTAB
    elf.putLong(6).putLong(SYMBOLS); // DT_SYMTAB
    elf.putLong(10).putLong(names.bytes().length); // DT_STRSZ
    elf.putLong(11).putLong(SYMBOL); // DT_SYMENT
    if (!others.isEmpty()) {
      elf.putLong(1).putLong(neededName); // DT_NEEDED
      elf.putLong(7).putLong(relocations); // DT_RELA
      elf.putLong(8).putLong((long) others.size() * RELOCATION); // DT_RELASZ
      elf.putLong(9).putLong(RELOCATION); // DT_RELAENT
    }
    if (!init.isEmpty()) {
      int which = functions.stream().map(Function::name).toList().indexOf(init);
      elf.putLong(12).putLong(code + which * 64L); // DT_INIT
    }
    elf.putLong(0).putLong(0); // DT_NULL
    return elf.array();
  }

  private static int aligned(int offset) {
    return offset + 7 & ~7;
  }

  private static void programHeader(
      ByteBuffer elf, int type, int flags, int offset, int address, int size, int alignment) {
    elf.putInt(type).putInt(flags).putLong(offset).putLong(address).putLong(address);
    elf.putLong(size).putLong(size).putLong(alignment);
  }

  /// A global function.
  ///
  /// @param section 0 if it is another library's
  private static void symbol(ByteBuffer elf, int name, int section, int address) {
    elf.putInt(name).put((byte) 0x12).put((byte) 0).putShort((short) section);
    elf.putLong(address).putLong(section == 0 ? 0 : 64);
  }
}
