package dev.jbuild.sandbox;

import static dev.jbuild.sandbox.BpfInstruction.JUMP_ANY_BIT;
import static dev.jbuild.sandbox.BpfInstruction.JUMP_AT_LEAST;
import static dev.jbuild.sandbox.BpfInstruction.JUMP_EQUAL;
import static dev.jbuild.sandbox.BpfInstruction.answer;
import static dev.jbuild.sandbox.BpfInstruction.choose;
import static dev.jbuild.sandbox.BpfInstruction.load;

import dev.jbuild.sandbox.Processor.Abi;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The filter of system calls that every step runs under (seccomp(2)).
///
/// What may be called stands in [KnownCalls]; the rest is refused with EPERM, or, if it is newer
/// than that list, with ENOSYS, so that a C library takes its older way. Calls through an interface
/// that the list does not know end the process.
final class SeccompFilter {

  static final int ALLOW = 0x7FFF_0000;
  static final int EPERM = 0x0005_0000 | 1;
  static final int ENOSYS = 0x0005_0000 | 38;
  static final int KILL_PROCESS = 0x8000_0000;

  /// Offsets in struct seccomp_data.
  static final int NUMBER = 0;

  static final int ARCHITECTURE = 4;
  static final int FIRST_ARGUMENT = 16; // its lower half; these arguments are ints

  /// The last system call that existed when the list was written (removexattrat). Numbers of the
  /// x32 interface, which have bit 30 set, are beyond it too.
  private static final int LAST_KNOWN = 466;

  /// The rule of a call that the list does not have.
  private static final String REFUSED = "";

  /// The rule of a call that is as good as newer than the list.
  private static final String UNKNOWN = "unknown";

  /// CLONE_NEW…: NS, CGROUP, UTS, IPC, USER, PID, NET.
  private static final int NEW_NAMESPACES = 0x7E02_0000;

  /// AF_ALG, the kernel's own ciphers for programs that have their own (the way into the kernel of
  /// several holes), and AF_VSOCK, which would reach the hypervisor, whatever the network.
  private static final int[] CLOSED_FAMILIES = {38, 40};

  /// PER_LINUX, PER_LINUX32, both with UNAME26 (0x20000), and the question which it is.
  private static final int[] PERSONAS = {0x0, 0x8, 0x2_0000, 0x2_0008, 0xFFFF_FFFF};

  private SeccompFilter() {}

  /// The program, as seccomp(2) takes it.
  static List<BpfInstruction> forProcessor(Processor processor) {
    var calls = calls();
    var code = answer(KILL_PROCESS);
    for (var abi : processor.abis().reversed()) {
      var answers = new ArrayList<BpfInstruction>();
      answers.add(load(NUMBER));
      answers.addAll(tree(segments(calls, abi)));
      code = choose(JUMP_EQUAL, abi.audit(), answers, code);
    }
    var whole = new ArrayList<BpfInstruction>();
    whole.add(load(ARCHITECTURE));
    whole.addAll(code);
    return List.copyOf(whole);
  }

  /// The same for container runtimes, which compile it with libseccomp: an object of the OCI
  /// runtime specification.
  static Map<String, Object> document(Processor processor) {
    var rules = new TreeMap<String, List<String>>();
    for (var call : calls()) {
      rules.computeIfAbsent(call.rule(), _ -> new ArrayList<>()).add(call.name());
    }
    var calls = new ArrayList<Object>();
    rules.forEach((rule, names) -> calls.addAll(document(rule, names)));
    return Map.of(
        "defaultAction",
        "SCMP_ACT_ERRNO",
        "defaultErrnoRet",
        1,
        "architectures",
        processor.abis().stream().map(abi -> "SCMP_ARCH_" + abi.library()).toList(),
        "syscalls",
        calls);
  }

  private static List<Object> document(String rule, List<String> names) {
    return switch (rule) {
      case "allow" -> List.of(allowed(names));
      case UNKNOWN -> List.of(Map.of("names", names, "action", "SCMP_ACT_ERRNO", "errnoRet", 38));
      case "no-namespaces" -> List.of(allowed(names, 0, NEW_NAMESPACES, "SCMP_CMP_MASKED_EQ"));
      case "open-families" ->
          List.of(
              allowed(names, CLOSED_FAMILIES[0], 0, "SCMP_CMP_LT"),
              allowed(names, CLOSED_FAMILIES[0] + 1, 0, "SCMP_CMP_EQ"),
              allowed(names, CLOSED_FAMILIES[1], 0, "SCMP_CMP_GT"));
      case "known-personas" ->
          Arrays.stream(PERSONAS)
              .mapToObj(
                  persona ->
                      (Object) allowed(names, Integer.toUnsignedLong(persona), 0, "SCMP_CMP_EQ"))
              .toList();
      default -> throw new IllegalStateException("an unknown rule in KnownCalls: " + rule);
    };
  }

  private static Map<String, Object> allowed(List<String> names) {
    return Map.of("names", names, "action", "SCMP_ACT_ALLOW");
  }

  /// Where the first argument compares to `value`; a mask comes first, then what it leaves.
  private static Map<String, Object> allowed(
      List<String> names, long value, long mask, String comparison) {
    boolean isMasked = comparison.endsWith("MASKED_EQ");
    var argument =
        Map.of(
            "index",
            0,
            "value",
            isMasked ? mask : value,
            "valueTwo",
            isMasked ? value : 0,
            "op",
            comparison);
    return Map.of("names", names, "action", "SCMP_ACT_ALLOW", "args", List.of(argument));
  }

  /// From `first` on, up to the next segment, numbers are treated by `code`.
  private record Segment(int first, List<BpfInstruction> code) {}

  private static List<Segment> segments(List<Call> calls, Abi abi) {
    var known = new String[LAST_KNOWN + 1];
    Arrays.fill(known, REFUSED);
    var beyond = new TreeMap<Integer, String>();
    for (var call : calls) {
      int number = call.number(abi);
      if (number > LAST_KNOWN) {
        beyond.put(number, call.rule());
      } else if (number >= 0) {
        known[number] = call.rule();
      }
    }
    var segments = new ArrayList<Segment>();
    for (int number = 0; number <= LAST_KNOWN; number++) {
      if (number == 0 || !known[number].equals(known[number - 1])) {
        add(segments, number, known[number]);
      }
    }
    add(segments, LAST_KNOWN + 1, UNKNOWN);
    beyond.forEach(
        (number, rule) -> {
          add(segments, number, rule);
          add(segments, number + 1, UNKNOWN);
        });
    return segments;
  }

  /// Adds one where the last that is there may begin, too.
  private static void add(List<Segment> segments, int first, String rule) {
    var code = code(rule);
    if (!segments.isEmpty() && segments.getLast().first() == first) {
      segments.removeLast();
    }
    if (segments.isEmpty() || !segments.getLast().code().equals(code)) {
      segments.add(new Segment(first, code));
    }
  }

  /// A binary search for the segment of the number that is loaded.
  private static List<BpfInstruction> tree(List<Segment> segments) {
    if (segments.size() == 1) {
      return segments.getFirst().code();
    }
    int middle = segments.size() / 2;
    return choose(
        JUMP_AT_LEAST,
        segments.get(middle).first(),
        tree(segments.subList(middle, segments.size())),
        tree(segments.subList(0, middle)));
  }

  private static List<BpfInstruction> code(String rule) {
    return switch (rule) {
      case "allow" -> answer(ALLOW);
      case REFUSED -> answer(EPERM);
      case UNKNOWN -> answer(ENOSYS);
      case "no-namespaces" ->
          onArgument(choose(JUMP_ANY_BIT, NEW_NAMESPACES, answer(EPERM), answer(ALLOW)));
      case "open-families" -> onArgument(oneOf(CLOSED_FAMILIES, EPERM, ALLOW));
      case "known-personas" -> onArgument(oneOf(PERSONAS, ALLOW, EPERM));
      default -> throw new IllegalStateException("an unknown rule in KnownCalls: " + rule);
    };
  }

  private static List<BpfInstruction> onArgument(List<BpfInstruction> code) {
    var whole = new ArrayList<BpfInstruction>();
    whole.add(load(FIRST_ARGUMENT));
    whole.addAll(code);
    return whole;
  }

  private static List<BpfInstruction> oneOf(int[] values, int ifOne, int ifNone) {
    var code = answer(ifNone);
    for (int value : values) {
      code = choose(JUMP_EQUAL, value, answer(ifOne), code);
    }
    return code;
  }

  /// A line of the list.
  ///
  /// @param numbers by [Abi#column], and `-` where the call does not exist
  private record Call(String name, List<String> numbers, String rule) {

    /// -1 where it does not exist.
    int number(Abi abi) {
      var text = numbers.get(abi.column() - 1);
      return text.equals("-") ? -1 : Integer.parseInt(text);
    }
  }

  /// The list. It is read by hand: with a regular expression for each line it took a fifth of the
  /// time in which a first step starts.
  private static List<Call> calls() {
    var calls = new ArrayList<Call>();
    for (var line : KnownCalls.LIST.lines().toList()) {
      if (!line.startsWith("#")) {
        var fields = fields(line);
        int last = fields.size() - 1;
        calls.add(new Call(fields.getFirst(), fields.subList(1, last), fields.get(last)));
      }
    }
    return calls;
  }

  private static List<String> fields(String line) {
    var fields = new ArrayList<String>();
    int at = 0;
    while (at < line.length()) {
      int end = line.indexOf(' ', at);
      end = end < 0 ? line.length() : end;
      if (end > at) {
        fields.add(line.substring(at, end));
      }
      at = end + 1;
    }
    return fields;
  }
}
