package dev.jbuild.sandbox;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// One instruction of classic BPF (linux/filter.h), and the ways to put instructions together.
///
/// Every piece of code here ends in a return on each of its ways, so pieces need no labels: a
/// choice is a jump followed by one piece and then the other.
///
/// @param ifTrue how many instructions a jump skips when its condition holds, at most 255
/// @param ifFalse the same when it does not
record BpfInstruction(int code, int ifTrue, int ifFalse, int operand) {

  static final int LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
  static final int JUMP = 0x05; // BPF_JMP | BPF_JA
  static final int JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
  static final int JUMP_AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K, unsigned
  static final int JUMP_ANY_BIT = 0x45; // BPF_JMP | BPF_JSET | BPF_K
  static final int RETURN = 0x06; // BPF_RET | BPF_K

  private static final int FARTHEST = 255;

  /// Loads the 32 bits at `offset` of struct seccomp_data.
  static BpfInstruction load(int offset) {
    return new BpfInstruction(LOAD, 0, 0, offset);
  }

  static List<BpfInstruction> answer(int action) {
    return List.of(new BpfInstruction(RETURN, 0, 0, action));
  }

  /// `then` if the condition `jump` holds between what is loaded and `operand`, else `otherwise`.
  static List<BpfInstruction> choose(
      int jump, int operand, List<BpfInstruction> then, List<BpfInstruction> otherwise) {
    var code = new ArrayList<BpfInstruction>(then.size() + otherwise.size() + 2);
    if (then.size() <= FARTHEST) {
      code.add(new BpfInstruction(jump, 0, then.size(), operand));
    } else {
      code.add(new BpfInstruction(jump, 1, 0, operand));
      code.add(new BpfInstruction(JUMP, 0, 0, then.size()));
    }
    code.addAll(then);
    code.addAll(otherwise);
    return code;
  }

  /// The instructions as the kernel reads them: an array of struct sock_filter.
  static byte[] encode(List<BpfInstruction> code) {
    var bytes = ByteBuffer.allocate(code.size() * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (var instruction : code) {
      bytes.putShort((short) instruction.code());
      bytes.put((byte) instruction.ifTrue());
      bytes.put((byte) instruction.ifFalse());
      bytes.putInt(instruction.operand());
    }
    return bytes.array();
  }
}
