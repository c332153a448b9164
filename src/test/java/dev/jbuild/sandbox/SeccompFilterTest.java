package dev.jbuild.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.sandbox.Processor.Abi;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// The filter, judged by an interpreter of the kernel's rules for classic BPF.
class SeccompFilterTest {

  private static final int LONGEST = 4096; // BPF_MAXINSNS

  @ParameterizedTest
  @CsvSource({
    // number, first argument, answer on x86-64
    "0, 0, ALLOW", // read
    "59, 0, ALLOW", // execve
    "161, 0, ALLOW", // chroot: CAP_SYS_CHROOT is among the standard capabilities
    "165, 0, EPERM", // mount
    "250, 0, EPERM", // keyctl
    "248, 0, EPERM", // add_key
    "321, 0, EPERM", // bpf
    "323, 0, EPERM", // userfaultfd
    "246, 0, EPERM", // kexec_load
    "304, 0, EPERM", // open_by_handle_at
    "425, 0, EPERM", // io_uring_setup
    "272, 0, EPERM", // unshare
    "308, 0, EPERM", // setns
    "155, 0, EPERM", // pivot_root
    "227, 0, EPERM", // clock_settime
    "435, 0, ENOSYS", // clone3: its flags are out of a filter's sight
    "56, 17, ALLOW", // clone, as fork
    "56, 0x3d0f00, ALLOW", // clone, as pthread_create
    "56, 0x10000011, EPERM", // clone with CLONE_NEWUSER
    "56, 0x00020011, EPERM", // clone with CLONE_NEWNS
    "41, 2, ALLOW", // socket, AF_INET
    "41, 38, EPERM", // socket, AF_ALG
    "41, 39, ALLOW", // socket, AF_NFC
    "41, 40, EPERM", // socket, AF_VSOCK
    "41, 41, ALLOW", // socket, AF_KCM
    "135, 0, ALLOW", // personality
    "135, 0xffffffff, ALLOW",
    "135, 0x40000, EPERM", // ADDR_NO_RANDOMIZE
    "462, 0, ALLOW", // mseal
    "467, 0, ENOSYS", // newer than the list
    "1000000, 0, ENOSYS",
    "0x40000000, 0, ENOSYS", // read of the x32 interface
    "0xffffffff, 0, ENOSYS",
  })
  void case94EachCallHasItsAnswer(String number, String argument, String answer) {
    int expected =
        switch (answer) {
          case "ALLOW" -> SeccompFilter.ALLOW;
          case "EPERM" -> SeccompFilter.EPERM;
          default -> SeccompFilter.ENOSYS;
        };
    assertEquals(
        expected,
        judge(
            Processor.X86_64,
            Abi.X86_64,
            Long.decode(number).intValue(),
            Long.decode(argument).intValue()));
  }

  @Test
  void otherInterfacesHaveTheirOwnNumbers() {
    assertEquals(SeccompFilter.EPERM, judge(Processor.X86_64, Abi.I386, 21, 0)); // mount
    assertEquals(SeccompFilter.ALLOW, judge(Processor.X86_64, Abi.I386, 11, 0)); // execve
    assertEquals(SeccompFilter.EPERM, judge(Processor.X86_64, Abi.I386, 120, 0x1000_0000)); // clone
    assertEquals(SeccompFilter.EPERM, judge(Processor.AARCH64, Abi.AARCH64, 40, 0)); // mount
    assertEquals(SeccompFilter.ALLOW, judge(Processor.AARCH64, Abi.AARCH64, 221, 0)); // execve
    assertEquals(SeccompFilter.EPERM, judge(Processor.AARCH64, Abi.AARCH64, 198, 40)); // socket
    assertEquals(SeccompFilter.ALLOW, judge(Processor.AARCH64, Abi.ARM, 0xF0005, 0)); // set_tls
    assertEquals(SeccompFilter.ENOSYS, judge(Processor.AARCH64, Abi.ARM, 0xF0004, 0));
  }

  @Test
  void anUnknownInterfaceEndsTheProcess() {
    assertEquals(SeccompFilter.KILL_PROCESS, judge(Processor.X86_64, Abi.AARCH64, 0, 0));
    assertEquals(SeccompFilter.KILL_PROCESS, judge(Processor.AARCH64, Abi.X86_64, 0, 0));
  }

  @ParameterizedTest
  @EnumSource
  void theFilterAllowsWhatTheSandboxItselfDoesAfterwards(Processor processor) {
    for (var call :
        List.of(
            SystemCall.PRCTL,
            SystemCall.SETGROUPS,
            SystemCall.SETRESGID,
            SystemCall.SETRESUID,
            SystemCall.CAPSET,
            SystemCall.WRITE,
            SystemCall.EXECVE,
            SystemCall.EXIT_GROUP)) {
      assertEquals(
          SeccompFilter.ALLOW,
          judge(processor, processor.abis().getFirst(), call.number(processor), 0),
          call.name());
    }
  }

  @ParameterizedTest
  @EnumSource
  void theKernelTakesTheProgram(Processor processor) {
    var code = SeccompFilter.forProcessor(processor);
    assertTrue(code.size() <= LONGEST, code.size() + " instructions");
    for (int i = 0; i < code.size(); i++) {
      var instruction = code.get(i);
      assertTrue(instruction.ifTrue() <= 255 && instruction.ifFalse() <= 255, "at " + i);
    }
    assertEquals(BpfInstruction.RETURN, code.getLast().code());
    assertEquals(code.size() * 8, BpfInstruction.encode(code).length);
  }

  @Test
  void aSearchTakesFewSteps() {
    var code = SeccompFilter.forProcessor(Processor.X86_64);
    for (int number = 0; number < 500; number++) {
      assertTrue(new Machine(code, Abi.X86_64.audit(), number, 0).steps < 20);
    }
  }

  @Test
  void instructionsAreEncodedAsTheKernelReadsThem() {
    var bytes = BpfInstruction.encode(List.of(new BpfInstruction(0x15, 1, 2, 0x04030201)));
    assertEquals("1500010201020304", java.util.HexFormat.of().formatHex(bytes));
  }

  private static int judge(Processor processor, Abi abi, int number, int argument) {
    var code = SeccompFilter.forProcessor(processor);
    return new Machine(code, abi.audit(), number, argument).answer;
  }

  /// Runs a program over one struct seccomp_data.
  private static final class Machine {
    final int answer;
    int steps;

    Machine(List<BpfInstruction> code, int architecture, int number, int argument) {
      int loaded = 0;
      for (int at = 0; ; at++, steps++) {
        var instruction = code.get(at);
        int k = instruction.operand();
        switch (instruction.code()) {
          case BpfInstruction.LOAD ->
              loaded =
                  switch (k) {
                    case SeccompFilter.NUMBER -> number;
                    case SeccompFilter.ARCHITECTURE -> architecture;
                    case SeccompFilter.FIRST_ARGUMENT -> argument;
                    default -> throw new IllegalStateException("a load from " + k);
                  };
          case BpfInstruction.JUMP -> at += k;
          case BpfInstruction.JUMP_EQUAL -> at += jump(instruction, loaded == k);
          case BpfInstruction.JUMP_AT_LEAST ->
              at += jump(instruction, Integer.compareUnsigned(loaded, k) >= 0);
          case BpfInstruction.JUMP_ANY_BIT -> at += jump(instruction, (loaded & k) != 0);
          case BpfInstruction.RETURN -> {
            answer = k;
            return;
          }
          default -> throw new IllegalStateException("unknown: " + instruction);
        }
      }
    }

    private static int jump(BpfInstruction instruction, boolean holds) {
      return holds ? instruction.ifTrue() : instruction.ifFalse();
    }
  }
}
