package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import dev.jbuild.sandbox.Quota;
import java.util.Optional;
import java.util.OptionalLong;

/// The options of build and run that say how much of the machine a process and all that it starts
/// may take.
final class QuotaOptions {

  private static final String MEMORY = "--memory";
  private static final String SWAP = "--memory-swap";
  private static final String PROCESSES = "--pids-limit";
  private static final String UNLIMITED = "-1";

  /// What docker build calls the same, for all of them.
  private static final String RESOURCE = "--resource";

  private QuotaOptions() {}

  static Syntax addTo(Syntax syntax) {
    return syntax
        .value("BYTES", "The memory that a step may take: 512m.", "-m", MEMORY)
        .value("BYTES", "Memory and swap together (default: twice the memory); -1: any.", SWAP)
        .value("N", "How many processes and threads there may be at a time.", PROCESSES);
  }

  static Syntax addResourceTo(Syntax syntax) {
    return syntax.values(
        "KEY=VALUE", "Limits in docker's words: memory=512m, memory-swap=1g.", RESOURCE);
  }

  static Quota read(Options options) {
    var memory = memory(MEMORY, options);
    var swap =
        text(SWAP, options).filter(UNLIMITED::equals).isPresent()
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
    return text(name, options)
        .map(text -> ByteSize.parseMemory(name, text))
        .filter(bytes -> bytes > 0)
        .map(OptionalLong::of)
        .orElse(OptionalLong.empty());
  }

  /// What `--resource` says wins over the option itself, as with docker.
  private static Optional<String> text(String name, Options options) {
    var text = options.value(name);
    for (var resource : options.values(RESOURCE)) {
      int equals = resource.indexOf('=');
      var key = "--" + resource.substring(0, Math.max(equals, 0));
      switch (key) {
        case MEMORY, SWAP -> {
          if (key.equals(name)) {
            text = Optional.of(resource.substring(equals + 1));
          }
        }
        case "--cpu-shares", "--cpu-period", "--cpu-quota", "--cpuset-cpus", "--cpuset-mems" ->
            throw Options.usage(
                RESOURCE
                    + " "
                    + Printable.of(resource)
                    + " is not supported: "
                    + Refused.NO_CGROUP);
        default ->
            throw Options.usage(RESOURCE + " does not know " + Printable.of(resource))
                .hint("it takes memory=512m and memory-swap=1g");
      }
    }
    return text;
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
