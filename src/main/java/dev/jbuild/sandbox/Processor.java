package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.util.HexFormat;
import java.util.List;

/// The processors that jbuild runs steps on.
enum Processor {
  X86_64(62, X8664Code.CODE),
  AARCH64(183, Aarch64Code.CODE);

  private final int elfMachine;
  private final String listing;

  Processor(int elfMachine, String listing) {
    this.elfMachine = elfMachine;
    this.listing = listing;
  }

  /// The one this process runs on.
  static Processor current() {
    var name = System.getProperty("os.arch", "");
    return switch (name) {
      case "amd64", "x86_64" -> X86_64;
      case "aarch64" -> AARCH64;
      default ->
          throw BuildFailure.of(
              BuildFailure.Kind.SANDBOX,
              "jbuild runs steps on x86-64 and aarch64, not on " + Printable.of(name));
    };
  }

  /// Its name in images.
  String architecture() {
    return switch (this) {
      case X86_64 -> "amd64";
      case AARCH64 -> "arm64";
    };
  }

  /// e_machine of an ELF header.
  int elfMachine() {
    return elfMachine;
  }

  /// What programs on it may be compiled for; its own first.
  List<Abi> abis() {
    return switch (this) {
      case X86_64 -> List.of(Abi.X86_64, Abi.I386);
      case AARCH64 -> List.of(Abi.AARCH64, Abi.ARM);
    };
  }

  /// The machine code of [StepProgram].
  byte[] code() {
    var digits = new StringBuilder();
    listing
        .lines()
        .filter(line -> !line.startsWith(";"))
        .forEach(line -> digits.append(line, 0, line.indexOf(' ')));
    return HexFormat.of().parseHex(digits);
  }

  /// A way of making system calls, with numbers of its own.
  enum Abi {
    X86_64(0xC000003E, 1),
    I386(0x40000003, 2),
    AARCH64(0xC00000B7, 3),
    ARM(0x40000028, 4);

    private final int audit;
    private final int column;

    Abi(int audit, int column) {
      this.audit = audit;
      this.column = column;
    }

    /// As libseccomp calls it.
    String library() {
      return this == I386 ? "X86" : name();
    }

    /// Which column of [KnownCalls#LIST] has its numbers; the first one is 0.
    int column() {
      return column;
    }

    /// AUDIT_ARCH_… of linux/audit.h, which a filter sees.
    int audit() {
      return audit;
    }
  }
}
