package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import dev.jbuild.sandbox.Capability;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// `--cap-add` and `--cap-drop` of run.
final class CapabilityOptions {

  private static final String ADD = "--cap-add";
  private static final String DROP = "--cap-drop";
  private static final String ALL = "ALL";

  private CapabilityOptions() {}

  static Syntax addTo(Syntax syntax) {
    return syntax
        .values("NAME", "Give it a part of root's power more: NET_ADMIN, ALL.", ADD)
        .values("NAME", "Take a part of root's power from it: CHOWN, ALL.", DROP)
        .flag("Take all limits away: the machine is at its mercy.", "--privileged");
  }

  /// What a container has: drops come first, so that `--cap-drop ALL` leaves what is added.
  static Set<Capability> read(Options options) {
    var added = options.values(ADD);
    var dropped = options.values(DROP);
    if (options.has("--privileged") && !(added.isEmpty() && dropped.isEmpty())) {
      throw Options.usage("--privileged gives everything: leave out " + ADD + " and " + DROP);
    }
    var set = EnumSet.copyOf(Capability.STANDARD);
    if (isAll(dropped)) {
      set.clear();
    }
    if (isAll(added)) {
      for (var each : Capability.values()) {
        if (each.isUsable()) {
          set.add(each);
        }
      }
    }
    for (var name : dropped) {
      if (!isAll(List.of(name))) {
        set.remove(find(DROP, name));
      }
    }
    for (var name : added) {
      if (!isAll(List.of(name))) {
        set.add(usable(name));
      }
    }
    return set;
  }

  private static boolean isAll(List<String> names) {
    return names.stream().anyMatch(name -> name.toUpperCase(Locale.ROOT).equals(ALL));
  }

  private static Capability usable(String name) {
    var capability = find(ADD, name);
    if (!capability.isUsable()) {
      throw Options.usage(
              ADD
                  + " "
                  + capability
                  + " is not supported: the filter of system calls would still refuse what it is"
                  + " for")
          .hint("--privileged has no filter, and no other limit either");
    }
    return capability;
  }

  private static Capability find(String option, String name) {
    return Capability.find(name)
        .orElseThrow(
            () ->
                Options.usage(option + " does not know " + Printable.of(name))
                    .hint("capabilities(7) names them: NET_ADMIN, SYS_PTRACE, …"));
  }
}
