package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import dev.jbuild.sandbox.Quota;
import java.util.OptionalLong;

/// The options of build and run that say how much of the machine a process and all that it starts
/// may take.
final class QuotaOptions {

  private static final String MEMORY = "--memory";
  private static final String SWAP = "--memory-swap";
  private static final String PROCESSES = "--pids-limit";
  private static final String UNLIMITED = "-1";

  private QuotaOptions() {}

  static Syntax addTo(Syntax syntax) {
    return syntax
        .value("BYTES", "The memory that a step may take: 512m.", "-m", MEMORY)
        .value("BYTES", "Memory and swap together (default: twice the memory); -1: any.", SWAP)
        .value("N", "How many processes and threads there may be at a time.", PROCESSES);
  }

  static Quota read(Options options) {
    var memory = memory(MEMORY, options);
    var swap =
        options.value(SWAP).filter(UNLIMITED::equals).isPresent()
            ? OptionalLong.of(-1)
            : memory(SWAP, options);
    if (swap.isPresent() && memory.isEmpty()) {
      throw Options.usage(SWAP + " needs " + MEMORY);
    }
    if (swap.orElse(-1) != -1 && swap.getAsLong() < memory.getAsLong()) {
      throw Options.usage(SWAP + " is memory and swap together, so not less than " + MEMORY);
    }
    return new Quota(memory, swap, processes(options));
  }

  /// 0 stands for no limit, as with docker.
  private static OptionalLong memory(String name, Options options) {
    return options
        .value(name)
        .map(text -> ByteSize.parseMemory(name, text))
        .filter(bytes -> bytes > 0)
        .map(OptionalLong::of)
        .orElse(OptionalLong.empty());
  }

  private static OptionalLong processes(Options options) {
    var text = options.value(PROCESSES);
    if (text.isEmpty() || text.get().equals(UNLIMITED) || text.get().equals("0")) {
      return OptionalLong.empty();
    }
    try {
      long number = Long.parseLong(text.get());
      if (number > 0 && number <= Integer.MAX_VALUE) {
        return OptionalLong.of(number);
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw Options.usage(PROCESSES + " takes a number, not " + Printable.of(text.get()))
        .hint("-1 stands for no limit");
  }
}
